"""All kinds of rows, the one that stands for a set first."""

from __future__ import annotations

from beholder.evals import (
    charts,
    descriptions,
    design,
    forms,
    moderation,
    pairs,
    photos,
    receipts,
    screens,
    statements,
    tables,
)
from beholder.evals.task import Task

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        receipts.RECEIPTS,
        forms.FORMS,
        tables.TABLES,
        charts.CHARTS,
        charts.MULTI_CHARTS,
        charts.MISLEADING,
        screens.SCREEN_QUESTIONS,
        screens.INVENTORY,
        screens.GROUNDING,
        design.DARK_PATTERNS,
        descriptions.DESCRIPTIONS,
        photos.PHOTOS,
        photos.PROBE_TASK,
        moderation.MODERATION,
        pairs.DIFFERENCES,
        pairs.CONTROLS,
        statements.STATEMENTS,
    )
}
"""By the rows' field `task`. Where a set has several, the metric of the first one here is its score."""
