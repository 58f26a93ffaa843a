// The functions behind enum motet_activation, one element at a time.
#ifndef MOTET_ACTIVATION_FUNCTIONS_H
#define MOTET_ACTIVATION_FUNCTIONS_H

#include "Vector.h"

enum {
    KIND_NONE = 0, KIND_RELU, KIND_LEAKY_RELU, KIND_SIGMOID, KIND_TANH, KIND_SOFTPLUS, KIND_GELU,
    KIND_SWISH,
};

// A compile-time constant `kind` makes the switch vanish, so each case's loop vectorises alone.
MOTET_INLINE float activate(int kind, float slope, float x) {
    switch (kind) {
        case KIND_RELU: return x > 0 ? x : 0;
        case KIND_LEAKY_RELU: return x > 0 ? x : slope * x;
        case KIND_SIGMOID: return motet_sigmoid(x);
        case KIND_TANH: return tanhf(x);
        case KIND_SOFTPLUS: return motet_softplus(x);
        case KIND_GELU: return 0.5f * x * (1.0f + motet_erf(x * 0.70710678118654752f));
        case KIND_SWISH: return x * motet_sigmoid(x);
        default: return x;
    }
}

// `s` is the output where the derivative follows from it, else the input.
MOTET_INLINE float derivative(int kind, float slope, float s) {
    switch (kind) {
        case KIND_RELU: return s > 0 ? 1.0f : 0.0f;
        case KIND_LEAKY_RELU: return s > 0 ? 1.0f : slope;
        case KIND_SIGMOID: return s * (1.0f - s);
        case KIND_TANH: return 1.0f - s * s;
        case KIND_SOFTPLUS: return 1.0f - motet_exp(-s);
        case KIND_GELU:
            return 0.5f * (1.0f + motet_erf(s * 0.70710678118654752f))
                + s * 0.39894228040143268f * motet_exp(-0.5f * s * s);
        case KIND_SWISH: {
            const float p = motet_sigmoid(s);
            return p + s * p * (1.0f - p);
        }
        default: return 1.0f;
    }
}

#endif
