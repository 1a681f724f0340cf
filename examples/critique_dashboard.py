"""Critique a dashboard that stands at a public address: python examples/critique_dashboard.py URL"""

import os
import sys

from openai import OpenAI

if len(sys.argv) != 2:
    raise SystemExit(__doc__)
client = OpenAI(base_url=os.environ.get("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1"), api_key="unused")

response = client.chat.completions.create(
    model="grok-2-vision-latest",
    messages=[
        {
            "role": "user",
            "content": [
                {
                    "type": "text",
                    "text": "Critique this dashboard. Mention spacing, color contrast, info hierarchy.",
                },
                {"type": "image_url", "image_url": {"url": sys.argv[1]}},
            ],
        }
    ],
)
print(response.choices[0].message.content)
