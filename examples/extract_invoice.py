"""Extract the line items of an invoice as JSON: python examples/extract_invoice.py [FILE]"""

import base64
import mimetypes
import os
import sys
from pathlib import Path

from openai import OpenAI

client = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"), api_key="unused")

path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("invoice.png")
mime = mimetypes.guess_type(path)[0] or "image/png"
data = base64.b64encode(path.read_bytes()).decode()

response = client.chat.completions.create(
    model="grok-2-vision-latest",
    messages=[
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "Extract the line items as JSON: description, qty, unit_price, total"},
                {"type": "image_url", "image_url": {"url": f"data:{mime};base64,{data}"}},
            ],
        }
    ],
    response_format={"type": "json_object"},
)
print(response.choices[0].message.content)
