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


import numpy as np


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


def layers(ours, theirs, count):
    """Dense layers of a stack: `ours` is a name with `{}` for the layer from 1, `theirs` a list of such
    names, one for each slice, with `{}` for the layer from 0."""
    return {
        f"{ours.format(layer + 1)}/{leaf}": [f"{name.format(layer)}.{leaf}" for name in theirs]
        for layer in range(count)
        for leaf in ["weight", "bias"]
    }


def tables(fields):
    """Tables of the fields."""
    return {f"embeddings/field_{field}/weight": f"inputs.tables.{field}.weight" for field in range(fields)}


def towers(architecture, hidden, tasks=("first", "second")):
    """Towers as our layer `Towers` names them; torch has `towers.<task>.layers.<layer>`."""
    names = [f"towers.{task}.layers." + "{}" for task in range(len(tasks))]
    parts = layers(architecture + "/towers/hidden/dense_{}", names, hidden)
    for number, task in enumerate(tasks):
        for leaf in ["weight", "bias"]:
            name = f"towers.{number}.layers.{hidden}.{leaf}"
            parts[f"{architecture}/towers/output_{task}/{leaf}"] = name
    return parts


def our_tensors(model, parts, value):
    """Our name and tensor of each parameter, from the names of those it is made of.

    A name alone is a parameter by itself, a list a stack along a new first axis; after "as is" comes one
    that is no weight of a linear layer. Every parameter of the model must be used, each once.
    """
    known = dict(model.named_parameters())
    lists = [[names] if isinstance(names, str) else names for names in parts.values()]
    used = [name for names in lists for name in names if name != "as is"]
    assert sorted(used) == sorted(known), set(used) ^ set(known)
    for ours, names in parts.items():
        if isinstance(names, str):
            yield ours, our_layout(names, value(known[names]))
        elif names[0] == "as is":
            yield ours, value(known[names[1]])
        else:
            yield ours, np.stack([our_layout(name, value(known[name])) for name in names])
