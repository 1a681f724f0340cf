"""Charts as data: marks, axes and labels of a picture to a table, estimates marked as such."""

from beholder.perception.charts.describe import describe_chart
from beholder.perception.charts.reading import read_charts

__all__ = ["describe_chart", "read_charts"]
