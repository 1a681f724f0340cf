// The AI SDK with @ai-sdk/xai and @ai-sdk/openai-compatible: text, streams, objects, tools, all with a picture.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { createXai } from "@ai-sdk/xai";
import { generateObject, generateText, stepCountIs, streamObject, streamText, tool } from "ai";
import { z } from "zod";
import { baseURL, checkAnswer, checkReceipt, isReal, model, picture, pictureUrl, question, Receipt } from "./surroundings.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;
const compatible = (options) => createOpenAICompatible({ name: "beholder", baseURL, apiKey: "unused", ...options });
const xai = createXai({ baseURL, apiKey: "unused" });
const providers = {
  "xai chat": xai.chat ? xai.chat(model) : xai(model),
  "xai responses": xai.responses(model),
  "openai-compatible": compatible({ includeUsage: true, supportsStructuredOutputs: true })(model),
};
const ask = (text = question, image = picture) => [
  { role: "user", content: [{ type: "text", text }, { type: "image", image, mediaType: "image/png" }] },
];
const common = { temperature: 0, maxRetries: 0 };

for (const [name, provider] of Object.entries(providers)) {
  test(`${name}: generateText`, async () => {
    const result = await generateText({ ...common, model: provider, messages: ask() });
    checkAnswer(result.text);
    assert.ok(result.usage.inputTokens && result.usage.outputTokens);
    assert.equal(result.finishReason, "stop");
  });

  // The AI SDK downloads for openai-compatible itself, and refuses loopback.
  const fetchesItself = name === "openai-compatible" && "the client would download the picture itself";
  test(`${name}: generateText with a picture by URL`, { skip: fetchesItself }, async () => {
    checkAnswer((await generateText({ ...common, model: provider, messages: ask(question, new URL(pictureUrl)) })).text);
  });

  test(`${name}: streamText`, async () => {
    const faults = [];
    const onError = ({ error }) => faults.push(error);
    const result = streamText({ ...common, model: provider, messages: ask(), onError });
    let text = "";
    for await (const piece of result.textStream) text += piece;
    assert.deepEqual(faults, []);
    checkAnswer(text);
    assert.ok((await result.usage).outputTokens);
  });

  test(`${name}: generateObject`, async () => {
    const messages = ask("Read the receipt.");
    checkReceipt((await generateObject({ ...common, model: provider, schema: Receipt, messages })).object);
  });

  test(`${name}: streamObject`, async () => {
    const result = streamObject({ ...common, model: provider, schema: Receipt, messages: ask("Read the receipt.") });
    for await (const _partial of result.partialObjectStream);
    checkReceipt(await result.object);
  });

  test(`${name}: tool call that is asked for`, async () => {
    const tools = { weather: tool({ description: "The weather in a city", inputSchema: z.object({ city: z.string() }) }) };
    const prompt = "What is the weather in Paris?";
    const result = await generateText({ ...common, model: provider, tools, toolChoice: "required", prompt });
    assert.equal(result.finishReason, "tool-calls");
    assert.equal(typeof result.toolCalls[0].input.city, "string");
    const faults = [];
    const onError = ({ error }) => faults.push(error.message);
    const streamed = streamText({ ...common, model: provider, tools, toolChoice: "required", prompt, onError });
    const [call] = await streamed.toolCalls;
    assert.deepEqual(faults, []);
    assert.deepEqual([call.toolName, typeof call.input.city], ["weather", "string"]);
  });

  test(`${name}: steps with a tool`, { skip: !isReal && "needs a model to stop calling" }, async () => {
    const execute = async () => "Snow, -3 degrees";
    const tools = { weather: tool({ description: "The weather in a city", inputSchema: z.object({ city: z.string() }), execute }) };
    const prompt = "What is the weather in Paris? Use the tool.";
    const result = await generateText({ ...common, model: provider, tools, prompt, stopWhen: stepCountIs(4) });
    assert.match(result.text, /now|-3/);
  });
}

test("openai-compatible: generateObject without structured outputs sends json_object", { skip: !isReal && "needs a model: the schema is not sent" }, async () => {
  const messages = ask("Read the receipt as JSON with items (name, price) and total, numbers as numbers.");
  checkReceipt((await generateObject({ ...common, model: compatible({})(model), schema: Receipt, messages })).object);
});

test("a broken picture is an error with the server's message", async () => {
  const image = "data:image/png;base64,aGVsbG8gd29ybGQ=";
  await assert.rejects(
    generateText({ ...common, model: providers["xai chat"], messages: ask(question, image) }),
    (error) => error.statusCode === 400 && /message 1, part 2|messages\[0\]/.test(error.message),
  );
});
