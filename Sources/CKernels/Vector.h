// Shared by the kernels: compilation for several processors, and elementary functions that vectorise.
#ifndef MOTET_VECTOR_H
#define MOTET_VECTOR_H

#include <math.h>
#include <stdint.h>
#include <string.h>

// The same source compiled for AVX-512, AVX2 and any processor; the loader picks at run time.
#if defined(__x86_64__) && defined(__linux__)
#define MOTET_CLONES \
    __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define MOTET_CLONES
#endif
#define MOTET_INLINE static inline __attribute__((always_inline))

// exp(x) with a relative error below 2e-7: the argument is reduced to |r| <= log(2) / 2 and a
// polynomial of degree 6 gives exp(r) (coefficients of Cephes' expf). Branch-free, so loops vectorise.
MOTET_INLINE float motet_exp(float x) {
    x = x > 88.3f ? 88.3f : x;
    x = x < -87.3f ? -87.3f : x;
    const float scaled = x * 1.44269504088896341f;
    const float shifted = scaled + 12582912.0f;  // rounds to the nearest whole number
    const float n = shifted - 12582912.0f;
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return p * power;
}

// sqrt(x) as the processor's instruction. sqrtf must set errno for negative numbers, and that branch keeps
// loops from being vectorised.
MOTET_INLINE float motet_sqrt(float x) { return __builtin_elementwise_sqrt(x); }

// erf(x) with an error below 5e-7: a rational function of odd powers on [-4, 4] (the coefficients of Eigen's
// generic_fast_erf), beyond which single precision has 1. Branch-free, so loops vectorise; erff does not.
MOTET_INLINE float motet_erf(float x) {
    x = x > 4.0f ? 4.0f : x;
    x = x < -4.0f ? -4.0f : x;
    const float z = x * x;
    float p = -2.72614225801306e-10f;
    p = p * z + 2.77068142495902e-08f;
    p = p * z + -2.10102402082508e-06f;
    p = p * z + -5.69250639462346e-05f;
    p = p * z + -7.34990630326855e-04f;
    p = p * z + -2.95459980854025e-03f;
    p = p * z + -1.60960333262415e-02f;
    float q = -1.45660718464996e-05f;
    q = q * z + -2.13374055278905e-04f;
    q = q * z + -1.68282697438203e-03f;
    q = q * z + -7.37332916720468e-03f;
    q = q * z + -1.42647390514189e-02f;
    const float y = x * p / q;
    return y > 1.0f ? 1.0f : y < -1.0f ? -1.0f : y;
}

MOTET_INLINE float motet_sigmoid(float x) { return 1.0f / (1.0f + motet_exp(-x)); }

MOTET_INLINE float motet_softplus(float x) {
    return (x > 0 ? x : 0) + log1pf(expf(-fabsf(x)));
}

// The finaliser of SplitMix64, as RandomKey.mix.
MOTET_INLINE uint64_t motet_mix(uint64_t bits) {
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9ull;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBull;
    return bits ^ (bits >> 31);
}

#endif
