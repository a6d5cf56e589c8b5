"""The reference for our BERT: `transformers`' with the same weights."""

from transformers import BertConfig as TheirConfig
from transformers import BertModel

from course.bert import Bert
from course.pretrained.bert_files import our_name


def as_bert(model: Bert) -> BertModel:
    """`transformers`' model of the same sizes with a copy of the weights, attention written out."""
    config = model.config
    theirs = BertModel(
        TheirConfig(
            vocab_size=config.vocab_size,
            max_position_embeddings=config.context_length,
            hidden_size=config.d_model,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            intermediate_size=config.d_ff,
            type_vocab_size=config.n_token_types,
            layer_norm_eps=config.norm_eps,
            pad_token_id=None,
            attn_implementation="eager",
        )
    )
    weights = model.state_dict()
    theirs.load_state_dict({name: weights[our_name(name)] for name, _weight in theirs.named_parameters()}, strict=False)
    return theirs.eval()
