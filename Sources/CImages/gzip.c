#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "CImages.h"

// zlib's gzFile reads a file that is not compressed as it is.

MotetGzip *motet_gzip_open(const char *path, char *message) {
    errno = 0;
    gzFile file = gzopen(path, "rb");
    if (file == NULL) {
        snprintf(message, MOTET_IMAGE_MESSAGE, "%s", errno ? strerror(errno) : "no memory");
        return NULL;
    }
    gzbuffer(file, 1 << 17);
    return (MotetGzip *)file;
}

int64_t motet_gzip_read(MotetGzip *file, uint8_t *bytes, int64_t count, char *message) {
    int64_t total = 0;
    while (total < count) {
        int64_t left = count - total;
        int got = gzread((gzFile)file, bytes + total, left < (1 << 30) ? (unsigned)left : 1u << 30);
        if (got > 0) {
            total += got;
            continue;
        }
        int code = Z_OK;
        const char *text = gzerror((gzFile)file, &code);
        if (got == 0 && code == Z_OK) break;
        // A file that is cut off ends with Z_BUF_ERROR.
        snprintf(
            message, MOTET_IMAGE_MESSAGE, "%s",
            code == Z_BUF_ERROR ? "unexpected end of file"
            : code == Z_ERRNO   ? strerror(errno)
                                : text);
        return -1;
    }
    return total;
}

void motet_gzip_close(MotetGzip *file) { gzclose((gzFile)file); }
