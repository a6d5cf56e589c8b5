"""Figures and widgets of the lessons. Nothing else in `course` imports this package."""

import importlib
from typing import Any

# Widget → its module, which is imported on first use, so that a lesson on tokens does not wait for PyTorch.
_HOME = {
    "COLORS": "kit.style",
    "use_course_style": "kit.page",
    "LessonWidget": "kit.widget",
    "StripToken": "kit.text",
    "TokenStrip": "kit.token_strip",
    "QuestionCard": "kit.question_card",
    "TokenExplorer": "tokenization.token_explorer",
    "MergeStepper": "tokenization.merge_stepper",
    "PromptExplorer": "start_here.prompt_explorer",
    "DecoderStepper": "seq2seq.decoder_stepper",
    "WaveExplorer": "positions.wave_explorer",
    "SimilarityExplorer": "positions.similarity_explorer",
    "RotatingPair": "positions.rotating_pair",
    "AttentionExplorer": "attention_explorer.explorer",
    "AlignmentExplorer": "attention.alignment_explorer",
    "AttentionSteps": "attention.attention_steps",
    "VideoSearch": "transformer.video_search",
    "NextTokenTree": "gpt.next_token_tree",
    "CacheExplorer": "gpt.cache_explorer",
    "MaskExplorer": "gpt.mask_explorer",
    "MaskedWordExplorer": "bert.masked_word_explorer",
    "ObjectiveExplorer": "bert.objective_explorer",
    "ThresholdExplorer": "fine_tuning.threshold_explorer",
    "ContributionExplorer": "fine_tuning.contribution_explorer",
    "WiringExplorer": "peft.wiring_explorer",
    "MethodSwitch": "peft.method_switch",
    "PromptBuilder": "prompting.prompt_builder",
    "FilterBench": "instruction.filter_bench",
    "ConversationView": "instruction.conversation_view",
    "SideBySide": "instruction.side_by_side",
    "ClipExplorer": "rlhf.clip_explorer",
    "AnswerRewards": "rlhf.answer_rewards",
    "RewardScatter": "rlhf.reward_scatter",
    "LogRatioExplorer": "dpo.log_ratio_explorer",
    "PairRanking": "dpo.pair_ranking",
    "PassageOrder": "rag.passage_order",
    "PassageSearch": "rag.passage_search",
    "WordScores": "rag.word_scores",
    "CallTree": "tools.call_tree",
    "ToolBench": "tools.tool_bench",
    "Leaderboard": "evaluation.leaderboard",
    "JudgeYourself": "evaluation.judge_yourself",
    "QuantizationStairs": "compression.quantization_stairs",
    "TeacherTargets": "compression.teacher_targets",
    "ScalingFrontier": "scaling.scaling_frontier",
    "LensExplorer": "looking_inside.lens_explorer",
    "UpdateExplorer": "peft.update_explorer",
    "FusionExplorer": "peft.fusion_explorer",
    "ThresholdBench": "evaluation.threshold_bench",
    "ModelView": "gpt.model_view",
    "model_view": "gpt.model_view",
    "FiveTasks": "what_language_models_do.five_tasks",
    "DoctorTable": "start_here.doctor_table",
}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
