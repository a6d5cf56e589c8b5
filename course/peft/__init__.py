"""Parameter-efficient fine-tuning: methods that train a small part, put on any model of the course from outside."""

from course.peft.adapter_attention import FusionAttention, fusion_attention, fusion_penalty, record_fusion
from course.peft.adapters import HoulsbyAdapters, PfeifferAdapters
from course.peft.attaching import Attached, attach, count, freeze
from course.peft.bitfit import QUERY_AND_UP, BitFit
from course.peft.bottleneck import Adapter
from course.peft.dora import DoRA, DoRALinear
from course.peft.fusion import AdapterFusion, fuse
from course.peft.lora import LoRA, LoRALinear
from course.peft.merging import MergeablePart, merge
from course.peft.method import Method, Part
from course.peft.saving import load, save

__all__ = [
    "QUERY_AND_UP",
    "Adapter",
    "AdapterFusion",
    "Attached",
    "BitFit",
    "DoRA",
    "DoRALinear",
    "FusionAttention",
    "HoulsbyAdapters",
    "LoRA",
    "LoRALinear",
    "MergeablePart",
    "Method",
    "Part",
    "PfeifferAdapters",
    "attach",
    "count",
    "freeze",
    "fuse",
    "fusion_attention",
    "fusion_penalty",
    "load",
    "merge",
    "record_fusion",
    "save",
]
