"""The one table of Responses request fields: what becomes of each. The support page in docs is written from it.

Fields: OpenAI's (openai-python, `types/responses/response_create_params.py`), xAI's, chat's where they mean something,
and our own.
"""

from __future__ import annotations

from beholder.api.fields import OUR_OWN, Field, asks_for_text_only, leaves_search_to_us


def _is_false(value: object) -> bool:
    return value is False


FIELDS: tuple[Field, ...] = (
    Field("input", "honoured", "text, or messages, function calls, their outputs and item references"),
    Field("model", "honoured", "one of the names listed by /v1/models; grok-2-vision-1212 when left out"),
    Field("instructions", "honoured", "stands before the conversation; not carried over to the next response"),
    Field("max_output_tokens", "honoured", "at least 1"),
    Field("temperature", "honoured", "0 to 2, by default 0"),
    Field("top_p", "honoured", "over 0, up to 1"),
    Field("text", "honoured", "format: text, json_object or json_schema; a schema is always enforced"),
    Field("stream", "honoured", "server-sent events, numbered"),
    Field("store", "honoured", "true by default; kept in the cache folder, for the same API key alone"),
    Field("previous_response_id", "honoured", "goes on from a response that is kept"),
    Field("metadata", "honoured", "up to 16 pairs, told back in the response"),
    *OUR_OWN,
    Field("seed", "honoured", "not OpenAI's: a 64-bit integer"),
    Field("stop", "honoured", "not OpenAI's: a text or up to 4, none of them empty"),
    Field(
        "include", "capability", "message.output_text.logprobs; what else it may name is never there", needs="logprobs"
    ),
    Field("top_logprobs", "capability", "0 to 20; over 0 it asks for log-probabilities by itself", needs="logprobs"),
    Field("logprobs", "capability", "xAI's: log-probabilities of the tokens", needs="logprobs"),
    Field("frequency_penalty", "capability", "not OpenAI's: -2 to 2", needs="penalties"),
    Field("presence_penalty", "capability", "not OpenAI's: -2 to 2", needs="penalties"),
    Field("logit_bias", "capability", "not OpenAI's: token ids of the served model to -100 … 100", needs="logit_bias"),
    Field("tools", "capability", "up to 128 functions; hosted tools are refused", needs="tools"),
    Field("tool_choice", "capability", "none, auto, required, a function or allowed_tools", needs="tools"),
    Field("parallel_tool_calls", "capability", "false allows one call at most", needs="tools"),
    Field("background", "refused", "every answer is given while the client waits", _is_false),
    Field("context_management", "refused", "a conversation is never shortened"),
    Field("conversation", "refused", "go on with previous_response_id"),
    Field("prompt", "refused", "there are no stored prompts"),
    Field("search_parameters", "refused", "Beholder does not search; mode off and auto pass", leaves_search_to_us),
    Field("modalities", "refused", 'only ["text"] can be answered', asks_for_text_only),
    Field("n", "refused", "a response is one answer; chat completions give several", lambda value: value == 1),
    Field("max_tokens", "refused", "here it is max_output_tokens"),
    Field("max_completion_tokens", "refused", "here it is max_output_tokens"),
    Field("messages", "refused", "here it is input"),
    Field("response_format", "refused", "here it is text.format"),
    Field("functions", "refused", "here it is tools"),
    Field("function_call", "refused", "here it is tool_choice"),
    Field("access_programs", "no-op", "nothing is restricted"),
    Field("background_options", "no-op", "see background"),
    Field("image", "no-op", "images are not compressed; detail says how much is looked at"),
    Field("max_tool_calls", "no-op", "it limits hosted tools, and there are none"),
    Field("moderation", "no-op", "nothing is filtered"),
    Field("prompt_cache_key", "no-op", "a hint for speed"),
    Field("prompt_cache_options", "no-op", "a hint for speed"),
    Field("prompt_cache_retention", "no-op", "a hint for speed"),
    Field("reasoning", "no-op", "the model answers without hidden reasoning"),
    Field("safety_identifier", "no-op", "nobody is reported"),
    Field("service_tier", "no-op", "there is one tier"),
    Field("stream_options", "no-op", "events are not padded"),
    Field("truncation", "no-op", "nothing is ever left out: what does not fit is a 400"),
    Field("user", "no-op", "nobody is tracked"),
)
