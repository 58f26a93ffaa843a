"""Cases of convolutions and of normalisation by channel."""

import torch.nn.functional as F

SEED_OFFSET = 40

# Name, image [H, W], channels in and out, kernel, strides, padding (top, left, bottom, right),
# dilations, groups.
CASES = [
    ("plain", (5, 6), (2, 3), (3, 3), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    ("pointwise", (4, 3), (5, 4), (1, 1), (1, 1), (0, 0, 0, 0), (1, 1), 1),
    ("padded", (5, 6), (2, 3), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1),
    ("uneven_padding", (5, 6), (2, 3), (2, 3), (1, 1), (1, 0, 2, 1), (1, 1), 1),
    ("strides", (7, 8), (3, 4), (3, 3), (2, 2), (1, 1, 1, 1), (1, 1), 1),
    ("uneven_strides", (7, 8), (3, 4), (3, 2), (2, 3), (0, 0, 0, 0), (1, 1), 1),
    ("dilations", (8, 9), (2, 3), (3, 3), (1, 1), (2, 2, 2, 2), (2, 2), 1),
    ("uneven_dilations", (8, 9), (2, 3), (3, 2), (2, 1), (0, 1, 1, 2), (2, 3), 1),
    ("groups", (5, 5), (4, 6), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 2),
    ("depthwise", (6, 5), (4, 4), (3, 3), (2, 1), (1, 1, 1, 1), (1, 1), 4),
    ("all_at_once", (9, 10), (4, 8), (3, 3), (2, 2), (2, 1, 1, 2), (2, 2), 2),
    # Large enough for Winograd's algorithm where a backend has it.
    ("wide", (8, 9), (24, 32), (3, 3), (1, 1), (1, 1, 1, 1), (1, 1), 1),
]


def convolve(image, weight, bias, strides, padding, dilations, groups):
    """Channels-last images and a kernel [kh, kw, C / groups, U], by PyTorch's conv2d."""
    top, left, bottom, right = padding
    padded = F.pad(image.permute(0, 3, 1, 2), (left, right, top, bottom))
    made = F.conv2d(
        padded, weight.permute(3, 2, 0, 1), bias, strides, 0, dilations, groups
    )
    return made.permute(0, 2, 3, 1)


def convolutions(recorder):
    """Every kind of step, padding, dilation and grouping."""
    for name, image, channels, kernel, strides, padding, dilations, groups in CASES:
        recorder.record(
            f"convolution_{name}",
            "convolution",
            {
                "image": recorder.normal(2, *image, channels[0]),
                "weight": recorder.normal(*kernel, channels[0] // groups, channels[1], scale=0.3),
                "bias": recorder.normal(channels[1]),
            },
            lambda image, weight, bias, s=strides, p=padding, d=dilations, g=groups: convolve(
                image, weight, bias, s, p, d, g
            ),
            {
                "stride_height": strides[0],
                "stride_width": strides[1],
                "top": padding[0],
                "left": padding[1],
                "bottom": padding[2],
                "right": padding[3],
                "dilation_height": dilations[0],
                "dilation_width": dilations[1],
                "groups": groups,
            },
        )


def batch_norm_of_channels(recorder):
    """Batch normalisation of channels-last images: over batch, rows and columns."""
    epsilon = 1e-3
    recorder.record(
        "batch_norm_of_channels",
        "batch_norm_training",
        {
            "input": recorder.normal(3, 4, 5, 6, scale=1.3),
            "scale": recorder.normal(6),
            "shift": recorder.normal(6),
        },
        lambda input, scale, shift: F.batch_norm(
            input.permute(0, 3, 1, 2), None, None, scale, shift, training=True, eps=epsilon
        ).permute(0, 2, 3, 1),
        {"epsilon": epsilon},
    )


def record_all(recorder):
    """Records every case of this file."""
    for group in (convolutions, batch_norm_of_channels):
        group(recorder)
