// Numbering the tokens of delimited texts.
#include "Interner.h"

static inline int blank(uint8_t byte) { return byte == ' ' || byte == '\t'; }

int64_t motet_intern_split(
    motet_interner *interner, int32_t buckets, const void *offsets, int wide, const uint8_t *bytes,
    const uint8_t *present, int64_t count, uint8_t delimiter, int32_t *codes,
    int32_t *lengths
) {
    int64_t total = 0;
    for (int64_t row = 0; row < count; row++) {
        if (!is_present(present, row)) {
            lengths[row] = -1;
            continue;
        }
        int64_t start = offset_at(offsets, wide, row), end = offset_at(offsets, wide, row + 1);
        while (start < end && blank(bytes[start])) start++;
        while (end > start && blank(bytes[end - 1])) end--;
        if (end - start >= 2 && bytes[start] == '[' && bytes[end - 1] == ']') {
            start++;
            end--;
        }
        int64_t before = total;
        while (start < end) {
            const uint8_t *found = memchr(bytes + start, delimiter, (size_t)(end - start));
            int64_t stop = found ? found - bytes : end;
            int64_t from = start, to = stop;
            while (from < to && blank(bytes[from])) from++;
            while (to > from && blank(bytes[to - 1])) to--;
            if (to > from) {
                int64_t code = buckets
                    ? bucket(motet_hash_text(bytes + from, to - from), buckets)
                    : motet_intern_any(interner, bytes + from, to - from);
                if (code < 0) return -1;
                codes[total++] = (int32_t)code;
            }
            start = stop + 1;
        }
        lengths[row] = (int32_t)(total - before);
    }
    return total;
}
