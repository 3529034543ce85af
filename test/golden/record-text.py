"""Records test/golden/text.json: tokenizers of several kinds, what they make of difficult text, and conversations rendered by
transformers' apply_chat_template. The tokenizers are tiny and trained here; the templates are written in the style of well-known
checkpoints (ChatML and Qwen 2.5, Qwen 3, Llama 3, Mistral).

    pip install transformers tokenizers && python test/golden/record-text.py
"""

import json
import pathlib
import platform

import tokenizers
import transformers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

CORPUS = [
    "The quick brown fox jumps over the lazy dog. What is 12 + 34? The answer is \\boxed{46}.",
    "def solve(n):\n    return sum(i for i in range(n))  # O(n)\n\n\tx = {'a': 1}",
    "Größe, naïve façade, ¿dónde está?, привет мир, 你好，世界, 日本語のテキスト, مرحبا بالعالم, हिन्दी, 안녕하세요",
    "user\nassistant\nsystem\n You are a helpful assistant. think step by step, user: assistant:",
] * 3

TEXTS = [
    "",
    " ",
    "What is 12 + 34?",
    "  leading and trailing  ",
    "line\n\nline\r\n\ttab  \n   ",
    "def f(x):\n    return x**2 if x != 0 else -1  # don't, we'll, I'M",
    "Größe naïve ¿dónde? привет мир 你好，世界！ 日本語 مرحبا हिन्दी 안녕하세요 ไทย",
    "👋🏽 👩‍👩‍👧‍👦 🇩🇪 ✅ 1️⃣ \U0001F9EE",
    "e\u0301 vs \u00e9, ﬁ ligature, ① Ⅳ ½, A\u030a",
    "\\frac{1}{2} + \\sqrt{3} = $x^2$ \\(y\\) 1,234,567.89 3.14e-10",
    "zero\u200bwidth \u00a0nbsp \ufeffbom \u2028line \u3000wide",
    "\u0000\u0001\u001b[31m control",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "noncharacter \ufdd0 \ufdd00 \ufdd01 here",
    "<think>not special here</think>",
]

CONVERSATIONS = [
    [{"role": "user", "content": "What is 12 + 34?"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "\n\n  你好 👋🏽 {{ braces }} {% if %}  \n"}],
    [
        {"role": "system", "content": "You solve problems."},
        {"role": "user", "content": "1+1?"},
        {"role": "assistant", "content": "<think>\neasy\n</think>\n\n2"},
        {"role": "user", "content": "and \"quoted\" 'text'?\n"},
    ],
    [{"role": "user", "content": ""}],
    [{"role": "assistant", "content": "I begin."}, {"role": "user", "content": "You may not."}],
]

CHATML = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0]['role'] == 'system' %}
        {{- messages[0]['content'] }}
    {%- else %}
        {{- 'You are Qwen, created by Alibaba Cloud. You are a helpful assistant.' }}
    {%- endif %}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "<|im_end|>\\n" }}
{%- else %}
    {%- if messages[0]['role'] == 'system' %}
        {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
    {%- else %}
        {{- '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}
    {%- endif %}
{%- endif %}
{%- for message in messages %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) or (message.role == "assistant" and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {{- '<|im_start|>' + message.role }}
        {%- if message.content %}
            {{- '\\n' + message.content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

THINKING = """{%- if messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(multi_step_tool=true, last_query_index=messages|length - 1) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if ns.multi_step_tool and message.role == "user" and message.content is string and not(message.content.startswith('<tool_response>') and message.content.endswith('</tool_response>')) %}
        {%- set ns.multi_step_tool = false %}
        {%- set ns.last_query_index = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}
        {%- set content = message.content %}
    {%- else %}
        {%- set content = '' %}
    {%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning_content = '' %}
        {%- if message.reasoning_content is string %}
            {%- set reasoning_content = message.reasoning_content %}
        {%- else %}
            {%- if '</think>' in content %}
                {%- set reasoning_content = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
                {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
            {%- endif %}
        {%- endif %}
        {%- if loop.index0 > ns.last_query_index %}
            {{- '<|im_start|>' + message.role + '\\n<think>\\n' + reasoning_content.strip('\\n') + '\\n</think>\\n\\n' + content.lstrip('\\n') }}
        {%- else %}
            {{- '<|im_start|>' + message.role + '\\n' + content }}
        {%- endif %}
        {{- '<|im_end|>\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}"""

LLAMA3 = """{{- bos_token }}
{%- if not date_string is defined %}
    {%- if strftime_now is defined %}
        {%- set date_string = strftime_now("%d %b %Y") %}
    {%- else %}
        {%- set date_string = "26 Jul 2024" %}
    {%- endif %}
{%- endif %}
{%- if messages[0]['role'] == 'system' %}
    {%- set system_message = messages[0]['content']|trim %}
    {%- set messages = messages[1:] %}
{%- else %}
    {%- set system_message = "" %}
{%- endif %}
{{- "<|start_header_id|>system<|end_header_id|>\\n\\n" }}
{%- if tools is not none %}
    {{- "Environment: ipython\\n" }}
{%- endif %}
{{- "Cutting Knowledge Date: December 2023\\n" }}
{{- "Today Date: " + date_string + "\\n\\n" }}
{{- system_message }}
{{- "<|eot_id|>" }}
{%- for message in messages %}
    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'+ message['content'] | trim + '<|eot_id|>' }}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
{%- endif %}
"""

MISTRAL = """{%- if messages[0]["role"] == "system" %}
    {%- set system_message = messages[0]["content"] %}
    {%- set loop_messages = messages[1:] %}
{%- else %}
    {%- set loop_messages = messages %}
{%- endif %}
{{- bos_token }}
{%- for message in loop_messages %}
    {%- if (message["role"] == "user") != (loop.index0 % 2 == 0) %}
        {{- raise_exception("After the optional system message, conversation roles must alternate user/assistant/user/assistant/...") }}
    {%- endif %}
    {%- if message["role"] == "user" %}
        {%- if loop.last and system_message is defined %}
            {{- "[INST] " + system_message + "\\n\\n" + message["content"] + "[/INST]" }}
        {%- else %}
            {{- "[INST] " + message["content"] + "[/INST]" }}
        {%- endif %}
    {%- elif message["role"] == "assistant" %}
        {{- " " + message["content"] + eos_token }}
    {%- endif %}
{%- endfor %}
"""

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA3_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
PLAIN_TOKENS = ["<think>", "</think>"]


def byte_level(split, special, normalizer=None, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(split), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    tokenizer.train_from_iterator(
        CORPUS, trainers.BpeTrainer(vocab_size=420, initial_alphabet=alphabet, show_progress=False)
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in PLAIN_TOKENS])
    return tokenizer


def qwen():
    return byte_level(QWEN_SPLIT, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"], normalizers.NFC())


def llama3():
    special = ["<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"]
    tokenizer = byte_level(LLAMA3_SPLIT, special, ignore_merges=True)
    bos = tokenizer.token_to_id("<|begin_of_text|>")
    tokenizer.post_processor = processors.Sequence(
        [
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(single="<|begin_of_text|> $A", special_tokens=[("<|begin_of_text|>", bos)]),
        ]
    )
    return tokenizer


def sentencepiece(metaspace):
    """As Llama 2 and Mistral: pieces of text with `▁` for spaces, bytes for what has no piece."""
    pieces = Tokenizer(models.BPE())
    pieces.pre_tokenizer = pre_tokenizers.Metaspace()
    pieces.train_from_iterator(CORPUS, trainers.BpeTrainer(vocab_size=400, show_progress=False))
    trained = json.loads(pieces.to_str())["model"]
    special = ["<unk>", "<s>", "</s>"]
    tokens = special + [f"<0x{byte:02X}>" for byte in range(256)] + sorted(trained["vocab"], key=trained["vocab"].get)
    merges = [tuple(merge) for merge in trained["merges"]]
    tokenizer = Tokenizer(
        models.BPE(
            vocab={token: i for i, token in enumerate(tokens)},
            merges=merges,
            unk_token="<unk>",
            fuse_unk=True,
            byte_fallback=True,
        )
    )
    if metaspace:
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=False)
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
    return tokenizer


FAMILIES = {
    "chatml": (qwen, {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"}, CHATML, [{}]),
    "thinking": (
        qwen,
        {"eos_token": "<|im_end|>", "pad_token": "<|endoftext|>"},
        THINKING,
        [{}, {"enable_thinking": False}, {"enable_thinking": True}],
    ),
    "llama3": (
        llama3,
        {"bos_token": "<|begin_of_text|>", "eos_token": "<|eot_id|>"},
        LLAMA3,
        [{"date_string": "23 Nov 2026"}],
    ),
    "llama2": (
        lambda: sentencepiece(False),
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        MISTRAL,
        [{}],
    ),
    "mistral": (
        lambda: sentencepiece(True),
        {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"},
        MISTRAL,
        [{}],
    ),
}


def rendered(fast, messages, options):
    try:
        text = fast.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **options)
        ids = fast.apply_chat_template(
            messages, tokenize=True, add_generation_prompt=True, return_dict=False, **options
        )
        return {"text": text, "ids": ids}
    except Exception as error:  # templates refuse conversations they do not know
        return {"error": str(error)}


def torn(ids):
    """Completions cut in the middle of a character, out of order, or with special tokens in them."""
    return [ids[1:], ids[:-1], ids[::-1], ids[::2]]


def family(make, roles, template, options):
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=make(), chat_template=template, **roles)
    file = json.loads(fast.backend_tokenizer.to_str())
    # equal to the pairs, and shorter
    file["model"]["merges"] = [" ".join(merge) for merge in file["model"]["merges"]]
    texts = []
    for text in TEXTS:
        ids = fast.encode(text, add_special_tokens=False)
        decodings = [{"ids": each, "text": fast.decode(each, skip_special_tokens=True, clean_up_tokenization_spaces=False)}
                     for each in [ids, *torn(ids)]]
        texts.append({"text": text, "ids": ids, "decodings": decodings})
    return {
        "tokenizer": file,
        "config": {**roles, "chat_template": template},
        "prefix": fast.encode("a")[: -len(fast.encode("a", add_special_tokens=False))],
        "texts": texts,
        "conversations": [
            {"messages": messages, "options": each, **rendered(fast, messages, each)}
            for messages in CONVERSATIONS
            for each in options
        ],
    }


if __name__ == "__main__":
    golden = {
        "source": "transformers.PreTrainedTokenizerFast, apply_chat_template",
        "environment": {
            "python": platform.python_version(),
            "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__,
        },
        "seed": None,
        "cases": {name: family(*settings) for name, settings in FAMILIES.items()},
    }
    path = pathlib.Path(__file__).with_name("text.json")
    path.write_text(json.dumps(golden, ensure_ascii=True, separators=(",", ":")) + "\n")
    print(path, path.stat().st_size)
