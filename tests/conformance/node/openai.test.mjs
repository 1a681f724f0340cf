// openai-node: create, zodResponseFormat, stream helpers, runTools, the Responses API, every request field.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { z } from "zod";
import { baseURL, checkAnswer, checkReceipt, dataUri, isReal, model, pictureUrl, question, Receipt } from "./surroundings.mjs";

const client = new OpenAI({ baseURL, apiKey: "unused", maxRetries: 0 });
const chat = client.chat.completions;
const ask = (url = dataUri, text = question) => [
  { role: "user", content: [{ type: "text", text }, { type: "image_url", image_url: { url } }] },
];
const hello = [{ role: "user", content: "Say hello" }];
const weather = [{ role: "user", content: "What is the weather in Paris?" }];
const City = z.object({ city: z.string() });
const weatherTool = zodFunction({ name: "weather", description: "The weather in a city", parameters: City });

test("models are listed and looked up", async () => {
  const names = (await client.models.list()).data.map((each) => each.id);
  assert.ok(names.includes(model));
  assert.equal((await client.models.retrieve(model)).id, model);
});

for (const [name, url] of [["data", dataUri], ["url", pictureUrl]]) {
  test(`create with a picture: ${name}`, async () => {
    const { data, request_id: requestId } = await chat.create({ model, messages: ask(url), temperature: 0 }).withResponse();
    checkAnswer(data.choices[0].message.content);
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.ok(requestId);
  });
}

test("create streamed", async () => {
  const chunks = [];
  const stream = await chat.create({ model, messages: hello, stream: true, stream_options: { include_usage: true } });
  for await (const chunk of stream) chunks.push(chunk);
  assert.equal(chunks.filter((chunk) => chunk.choices[0]?.delta.role).length, 1);
  assert.deepEqual(chunks.at(-1).choices, []);
  assert.ok(chunks.at(-1).usage.total_tokens);
});

test("stream helper", async () => {
  let text = "";
  const stream = chat.stream({ model, messages: ask(), temperature: 0, stream_options: { include_usage: true } });
  stream.on("content", (delta) => (text += delta));
  const final = await stream.finalChatCompletion();
  assert.equal(final.choices[0].message.content, text);
  checkAnswer(text);
  assert.ok((await stream.totalUsage()).total_tokens);
});

test("parse with zodResponseFormat", async () => {
  const format = zodResponseFormat(Receipt, "receipt");
  const completion = await chat.parse({ model, messages: ask(), response_format: format, temperature: 0 });
  checkReceipt(completion.choices[0].message.parsed);
});

test("stream with zodResponseFormat", async () => {
  const format = zodResponseFormat(Receipt, "receipt");
  const stream = chat.stream({ model, messages: ask(), response_format: format, temperature: 0 });
  checkReceipt((await stream.finalChatCompletion()).choices[0].message.parsed);
});

test("zodResponseFormat with nullable, optional-free, enum, union and nested schemas", async () => {
  const Rich = z.object({
    kind: z.enum(["receipt", "letter"]),
    note: z.string().nullable(),
    count: z.number().int(),
    flag: z.boolean(),
    inner: z.object({ list: z.array(z.union([z.string(), z.number()])) }),
  });
  const format = zodResponseFormat(Rich, "rich");
  const completion = await chat.parse({ model, messages: ask(dataUri, "Describe it."), response_format: format });
  assert.ok(["receipt", "letter"].includes(completion.choices[0].message.parsed.kind));
});

test("tool call that is asked for, parsed by zodFunction", async () => {
  for (const tool_choice of ["required", { type: "function", function: { name: "weather" } }]) {
    const completion = await chat.parse({ model, messages: weather, tools: [weatherTool], tool_choice, temperature: 0 });
    const [call] = completion.choices[0].message.tool_calls;
    assert.equal(call.function.name, "weather");
    assert.equal(typeof call.function.parsed_arguments.city, "string");
    if (isReal) assert.match(call.function.parsed_arguments.city, /Paris/);
  }
});

test("streamed tool call", async () => {
  const stream = chat.stream({ model, messages: weather, tools: [weatherTool], tool_choice: "required" });
  const [call] = (await stream.finalChatCompletion()).choices[0].message.tool_calls;
  assert.ok("city" in JSON.parse(call.function.arguments));
});

for (const stream of [false, true]) {
  test(`runTools, ${stream ? "streamed" : "whole"}`, { skip: !isReal && "needs a model to stop calling" }, async () => {
    const asked = [];
    const run = (city) => (asked.push(city), "Snow, -3 degrees");
    const tool = zodFunction({ name: "weather", description: "The weather in a city", parameters: City, function: run });
    const runner = chat.runTools({ model, messages: weather, tools: [tool], stream, temperature: 0 }, { maxChatCompletions: 4 });
    assert.match(await runner.finalContent(), /now|-3/);
    assert.ok(asked.length >= 1);
  });
}

test("every field that asks for nothing impossible is accepted", async () => {
  const completion = await chat.create({
    model,
    messages: [{ role: "developer", content: "Be short.", name: "boss" }, ...hello],
    max_completion_tokens: 8,
    max_tokens: 8,
    metadata: { a: "b" },
    modalities: ["text"],
    n: 1,
    parallel_tool_calls: true,
    prediction: { type: "content", content: "hello" },
    prompt_cache_key: "key",
    reasoning_effort: "low",
    response_format: { type: "text" },
    safety_identifier: "anna",
    seed: -9007199254740991,
    service_tier: "auto",
    stop: "###",
    store: true,
    stream: false,
    temperature: 1,
    tools: [weatherTool],
    tool_choice: "none",
    top_p: 1,
    user: "anna",
    verbosity: "low",
  });
  assert.ok(completion.choices[0].message.content);
});

for (const [field, value] of Object.entries({
  audio: { voice: "alloy", format: "wav" },
  modalities: ["text", "audio"],
  web_search_options: {},
  n: 0,
  temperature: 3,
  top_p: 2,
  max_tokens: 0,
  tool_choice: "required",
})) {
  test(`a ${field} that cannot be honoured is a 400 that names it`, async () => {
    const request = chat.create({ model, messages: hello, [field]: value });
    await assert.rejects(request, (error) => error instanceof OpenAI.BadRequestError && error.param === field);
  });
}

test("a broken picture is a 400 with a code, streamed or not", async () => {
  for (const stream of [false, true]) {
    await assert.rejects(
      async () => await chat.create({ model, messages: ask("data:image/png;base64,@@@@"), stream }),
      (error) => error instanceof OpenAI.BadRequestError && error.code === "invalid_base64_image",
    );
  }
});

const input = [
  { role: "user", content: [{ type: "input_text", text: question }, { type: "input_image", image_url: dataUri, detail: "auto" }] },
];

test("responses: create", async () => {
  checkAnswer((await client.responses.create({ model, input, temperature: 0 })).output_text);
});

test("responses: stream helper", async () => {
  const stream = client.responses.stream({ model, input, temperature: 0 });
  const kinds = [];
  for await (const event of stream) kinds.push(event.type);
  assert.equal(kinds[0], "response.created");
  assert.equal(kinds.at(-1), "response.completed");
  checkAnswer((await stream.finalResponse()).output_text);
});

test("responses: parse with zodTextFormat", async () => {
  const text = { format: zodTextFormat(Receipt, "receipt") };
  checkReceipt((await client.responses.parse({ model, input, text, temperature: 0 })).output_parsed);
});

test("responses: function call", async () => {
  const tool = { type: "function", name: "weather", strict: true, parameters: weatherTool.function.parameters };
  const response = await client.responses.create({ model, input: weather, tools: [tool], tool_choice: "required" });
  assert.equal(response.output[0].type, "function_call");
  assert.ok("city" in JSON.parse(response.output[0].arguments));
});
