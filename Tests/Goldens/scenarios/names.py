"""Our names of the parameters of models.py, and our layout: weights of linear layers are `[I, U]`.

A model's `ours()` maps each of our names to a tensor, or to a list of tensors that ours stacks along a new first
axis. Tensors are parameters or transposes of them.
"""

import torch


def listed(name, layers, stacked=True):
    """The weights and biases of linear layers side by side under one name of ours."""
    pick = lambda values: list(values) if stacked else list(values)[0]
    found = {f"{name}/weight": pick(layer.weight.T for layer in layers)}
    if layers[0].bias is not None:
        found[f"{name}/bias"] = pick(layer.bias for layer in layers)
    return found


def dense(pattern, stacks, stacked=True):
    """Stacks of linear layers of one shape side by side; `{}` in the pattern is the layer, from 1."""
    found = {}
    for number, layers in enumerate(zip(*stacks)):
        found.update(listed(pattern.format(number + 1), layers, stacked))
    return found


def our_tensors(model, gradients=False):
    """Our name and tensor of every parameter, or of its gradient; each parameter must be used once."""
    if gradients:
        # The same views of the gradients: a copy of the model whose parameters are its gradients.
        import copy

        shadow = copy.deepcopy(model)
        with torch.no_grad():
            for parameter, source in zip(shadow.parameters(), model.parameters()):
                parameter.copy_(torch.zeros_like(source) if source.grad is None else source.grad)
        model = shadow
    found = model.ours()
    used = sum(sum(t.numel() for t in v) if isinstance(v, list) else v.numel() for v in found.values())
    assert used == sum(parameter.numel() for parameter in model.parameters()), "a parameter is missing"
    for name, value in found.items():
        value = torch.stack(value) if isinstance(value, list) else value
        yield name, value.detach().numpy()
