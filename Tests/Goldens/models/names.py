"""Clear names and our weight layout for the parameters of models.py.

- `embeddings/<field>/weight` `[V, D]`
- `shared_bottom/<layer>/weight|bias`
- MMoE: `experts/<expert>/<layer>/weight|bias`, `gates/<task>/weight`
- CGC and PLE: `levels/<level>/task_experts/<task>/<expert>/<layer>/weight|bias`,
  `levels/<level>/shared_experts/<expert>/<layer>/weight|bias`,
  `levels/<level>/task_gates/<task>/weight`, `levels/<level>/shared_gate/weight`
- `towers/<task>/<layer>/weight|bias`, the last layer being the logit

Weights of linear layers are `[I, U]`, the transpose of PyTorch's.
"""


def clear_name(name):
    """The clear name of a parameter of models.py."""
    text = name.replace(".", "/")
    text = text.replace("inputs/tables/", "embeddings/").replace("bottom/", "shared_bottom/")
    if text.startswith("towers/"):
        text = text.replace("/layers/", "/")
    return text


def is_table(name):
    """Whether a parameter is an embedding table."""
    return name.startswith("inputs.tables.")


def our_layout(name, array):
    """A parameter or its gradient in our layout."""
    return array if is_table(name) or array.ndim < 2 else array.T
