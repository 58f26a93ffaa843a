#include "ImageKernels.h"
#include "Vector.h"

// Rows are few (one box each) and cheap, so one thread sums them in order.

static double huber(double d, double delta) {
    const double distance = fabs(d);
    return distance <= delta ? d * d / 2 : delta * (distance - delta / 2);
}

// A side of two boxes: where they start and end once put in order, what they share, what spans both;
// with derivatives by the first box's two ends.
typedef struct {
    double length, other, shared, spanned;
    double dlength[2], dshared[2], dspanned[2];
} side;

static side measure(double p, double q, double u, double v) {
    // Ends in the wrong order are exchanged, and so are their derivatives.
    const int low = p <= q ? 0 : 1, high = 1 - low;
    const double x0 = p <= q ? p : q, x1 = p <= q ? q : p;
    const double y0 = u <= v ? u : v, y1 = u <= v ? v : u;
    const double start = x0 > y0 ? x0 : y0, end = x1 < y1 ? x1 : y1;
    side s = {.length = x1 - x0, .other = y1 - y0, .shared = end > start ? end - start : 0,
        .spanned = (x1 > y1 ? x1 : y1) - (x0 < y0 ? x0 : y0)};
    s.dlength[low] = -1;
    s.dlength[high] = 1;
    s.dshared[low] = end > start && x0 > y0 ? -1 : 0;
    s.dshared[high] = end > start && x1 < y1 ? 1 : 0;
    s.dspanned[low] = x0 < y0 ? -1 : 0;
    s.dspanned[high] = x1 > y1 ? 1 : 0;
    return s;
}

// `1 - IoU`, or `1 - GIoU = 1 - IoU + (span - union) / span`; a quotient of nothing by nothing is 0.
static double overlap_loss(int kind, const float *x, const float *y, double *dx) {
    const side w = measure(x[0], x[2], y[0], y[2]), h = measure(x[1], x[3], y[1], y[3]);
    const double shared = w.shared * h.shared;
    const double all = w.length * h.length + w.other * h.other - shared;
    const double span = w.spanned * h.spanned;
    const int is_general = kind == MOTET_BOX_GIOU && span > 0;
    for (int i = 0; dx && i < 4; i++) {
        const int end = i / 2;
        const side along = i % 2 ? h : w, across = i % 2 ? w : h;
        const double dshared = along.dshared[end] * across.shared;
        const double dall = along.dlength[end] * across.length - dshared;
        const double dspan = along.dspanned[end] * across.spanned;
        dx[i] = all > 0 ? -(dshared * all - shared * dall) / (all * all) : 0;
        if (is_general) dx[i] -= (dall * span - all * dspan) / (span * span);
    }
    const double loss = 1 - (all > 0 ? shared / all : 0);
    // A comparison with NaN is false: it must not look like an empty box.
    if (!(all >= 0)) return NAN;
    return is_general ? loss + (span - all) / span : loss;
}

static double row_loss(int kind, double delta, const float *x, const float *y) {
    if (kind != MOTET_BOX_HUBER) return overlap_loss(kind, x, y, 0);
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += huber((double)x[i] - y[i], delta);
    return sum / 4;
}

void motet_box_loss(
    int kind, float delta, const float *x, const float *labels, const float *weights, float *loss,
    float *weight_sum, int64_t rows) {
    double total = 0, sum = 0;
    for (int64_t r = 0; r < rows; r++) {
        const double weight = weights[r];
        if (weight == 0) continue;
        total += weight * row_loss(kind, delta, x + 4 * r, labels + 4 * r);
        sum += weight;
    }
    *loss = sum > 0 ? (float)(total / sum) : 0.0f;
    *weight_sum = (float)sum;
}

void motet_box_loss_gradient(
    int kind, float delta, const float *x, const float *labels, const float *weights,
    const float *weight_sum, const float *upstream, float *dx, int64_t rows) {
    const double factor = *weight_sum > 0 ? (double)*upstream / *weight_sum : 0;
    for (int64_t r = 0; r < rows; r++) {
        double slope[4] = {0, 0, 0, 0};
        if (weights[r] != 0 && kind == MOTET_BOX_HUBER) {
            for (int i = 0; i < 4; i++) {
                const double d = (double)x[4 * r + i] - labels[4 * r + i];
                slope[i] = (d > delta ? delta : d < -delta ? -delta : d) / 4;
            }
        } else if (weights[r] != 0) {
            overlap_loss(kind, x + 4 * r, labels + 4 * r, slope);
        }
        for (int i = 0; i < 4; i++) dx[4 * r + i] = (float)(factor * weights[r] * slope[i]);
    }
}
