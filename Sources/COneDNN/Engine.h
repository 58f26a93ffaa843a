// What the primitives of this target share: the engine, and activations at their end.
#ifndef MOTET_ENGINE_H
#define MOTET_ENGINE_H

#include "COneDNN.h"
#include "dnnl.hpp"

namespace motet {

// One CPU engine for the process. oneDNN's engines are immutable and safe to share between threads.
inline const dnnl::engine &cpu() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

inline void append_activation(dnnl::post_ops &operations, int32_t activation, float slope) {
    using dnnl::algorithm;
    algorithm kind = algorithm::undef;
    float alpha = 0.0f;
    switch (activation) {
        case MOTET_ACTIVATION_RELU: kind = algorithm::eltwise_relu; break;
        case MOTET_ACTIVATION_LEAKY_RELU: kind = algorithm::eltwise_relu; alpha = slope; break;
        case MOTET_ACTIVATION_SIGMOID: kind = algorithm::eltwise_logistic; break;
        case MOTET_ACTIVATION_TANH: kind = algorithm::eltwise_tanh; break;
#if DNNL_VERSION_MAJOR >= 3
        case MOTET_ACTIVATION_SOFTPLUS: kind = algorithm::eltwise_soft_relu; alpha = 1.0f; break;
#else
        case MOTET_ACTIVATION_SOFTPLUS: kind = algorithm::eltwise_soft_relu; break;
#endif
        case MOTET_ACTIVATION_GELU: kind = algorithm::eltwise_gelu_erf; break;
        case MOTET_ACTIVATION_SWISH: kind = algorithm::eltwise_swish; alpha = 1.0f; break;
        default: return;
    }
#if DNNL_VERSION_MAJOR >= 3
    operations.append_eltwise(kind, alpha, 0.0f);
#else
    operations.append_eltwise(1.0f, kind, alpha, 0.0f);
#endif
}

}  // namespace motet

#endif
