"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.adalora import AdaLoRA
from course.peft.adalora_linear import AdaLoRALinear
from course.peft.adapter_attention import FusionAttention, fusion_attention, fusion_penalty, record_fusion
from course.peft.adapters import HoulsbyAdapters, PfeifferAdapters
from course.peft.attaching import Attached, attach, count, freeze
from course.peft.bitfit import QUERY_AND_UP, BitFit
from course.peft.bottleneck import Adapter
from course.peft.dora import DoRA, DoRALinear
from course.peft.fusion import AdapterFusion, fuse
from course.peft.llama_adapter import LLaMAAdapter
from course.peft.lora import LoRA, LoRALinear
from course.peft.merging import MergeablePart, merge
from course.peft.method import Method, Part
from course.peft.prefix_tuning import PrefixTuning, without_mlp
from course.peft.prompt_tuning import PromptTuning
from course.peft.rank_allocator import Allocation, RankAllocator
from course.peft.saving import load, save
from course.peft.switching import Switch
from course.peft.updates import changed_updates, cut_update, kept_share, singular_values

__all__ = [
    "QUERY_AND_UP",
    "AdaLoRA",
    "AdaLoRALinear",
    "Adapter",
    "AdapterFusion",
    "Allocation",
    "Attached",
    "BitFit",
    "DoRA",
    "DoRALinear",
    "FusionAttention",
    "HoulsbyAdapters",
    "LLaMAAdapter",
    "LoRA",
    "LoRALinear",
    "MergeablePart",
    "Method",
    "Part",
    "PfeifferAdapters",
    "PrefixTuning",
    "PromptTuning",
    "RankAllocator",
    "Switch",
    "attach",
    "changed_updates",
    "count",
    "cut_update",
    "freeze",
    "fuse",
    "fusion_attention",
    "fusion_penalty",
    "kept_share",
    "load",
    "merge",
    "record_fusion",
    "save",
    "singular_values",
    "without_mlp",
]
