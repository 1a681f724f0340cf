// What every client needs to know: the server's address, its engine, and the picture of a receipt.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { z } from "zod";

export const baseURL = process.env.CONFORMANCE_BASE_URL;
export const model = "grok-2-vision-latest";
export const isReal = process.env.CONFORMANCE_ENGINE !== "echo";
export const picture = readFileSync(process.env.CONFORMANCE_PICTURE);
export const pictureUrl = process.env.CONFORMANCE_PICTURE_URL;
export const dataUri = `data:image/png;base64,${picture.toString("base64")}`;
export const question = "What is the total on this receipt? Answer with the number only.";

export const Receipt = z.object({
  items: z.array(z.object({ name: z.string(), price: z.number() })),
  total: z.number(),
});

/** Text came, and a real model has read the total. */
export function checkAnswer(text) {
  assert.ok(text);
  if (isReal) assert.match(text, /7\.75/);
}

/** A receipt came, and a real model has read its total. */
export function checkReceipt(receipt) {
  Receipt.parse(receipt);
  if (isReal) assert.equal(receipt.total, 7.75);
}
