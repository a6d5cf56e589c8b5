"""GPT: one causal language model, as GPT-2 has its layers and as Llama and SmolLM2 have theirs."""

from course.gpt.attention_cost import AttentionCost, attention_costs, seen_pairs
from course.gpt.config import GPT2_SMALL, GPT2Config, LlamaConfig
from course.gpt.model import Architecture, Decoder

__all__ = [
    "GPT2_SMALL",
    "Architecture",
    "AttentionCost",
    "Decoder",
    "GPT2Config",
    "LlamaConfig",
    "attention_costs",
    "seen_pairs",
]
