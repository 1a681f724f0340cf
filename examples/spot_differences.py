"""Spot the differences between pictures: python examples/spot_differences.py [FILE FILE ...]"""

import base64
import mimetypes
import os
import sys
from pathlib import Path
from typing import Any

from openai import OpenAI

client = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"), api_key="unused")


def image_part(path: Path) -> dict[str, Any]:
    """The picture as a part of a message."""
    mime = mimetypes.guess_type(path)[0] or "image/png"
    data = base64.b64encode(path.read_bytes()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"}}


here = Path(__file__).parent
paths = [Path(name) for name in sys.argv[1:]] or [here / "mockup_a.png", here / "mockup_b.png"]
content: list[Any] = [{"type": "text", "text": "Spot 3 differences between these UI mockups."}]
content += [image_part(path) for path in paths]

response = client.chat.completions.create(
    model="grok-2-vision-latest",
    messages=[{"role": "user", "content": content}],
)
print(response.choices[0].message.content)
