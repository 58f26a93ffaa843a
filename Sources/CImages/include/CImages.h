#ifndef MOTET_CIMAGES_H
#define MOTET_CIMAGES_H

#include <stddef.h>
#include <stdint.h>

/// What a call of this interface ends with. Errors of the libraries, which leave them by `longjmp`,
/// are caught inside each function; none passes through its caller.
typedef enum {
    MOTET_IMAGE_OK = 0,
    /// The bytes are not a whole picture of the format.
    MOTET_IMAGE_DAMAGED = 1,
    /// The picture has more pixels than are allowed.
    MOTET_IMAGE_TOO_LARGE = 2,
    /// A kind of picture that is not read, such as one for printing (CMYK).
    MOTET_IMAGE_UNSUPPORTED = 3,
    /// There is not enough memory.
    MOTET_IMAGE_MEMORY = 4,
} MotetImageStatus;

/// The room for a sentence, its end included, that each `message` points to.
#define MOTET_IMAGE_MESSAGE 256

/// Pixels, row by row and channels last: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha.
typedef struct {
    uint8_t *bytes;
    int64_t height;
    int64_t width;
    int64_t channels;
} MotetImage;

/// Decodes a PNG; numbers of 16 bits are rounded to 8, palettes are looked up.
MotetImageStatus motet_image_read_png(
    const uint8_t *bytes, size_t count, int64_t most_pixels, MotetImage *image,
    char *message);

/// Decodes a JPEG, grey or RGB. Data that end early or do not decode are an error, not grey stripes.
MotetImageStatus motet_image_read_jpeg(
    const uint8_t *bytes, size_t count, int64_t most_pixels, MotetImage *image,
    char *message);

/// Encodes a PNG of 1 to 4 channels; `encoded` is to be given back with `motet_image_free`.
MotetImageStatus motet_image_write_png(
    const uint8_t *bytes, int64_t height, int64_t width, int64_t channels, uint8_t **encoded,
    size_t *count, char *message);

/// Encodes a JPEG of 1 or 3 channels; `encoded` is to be given back with `motet_image_free`.
MotetImageStatus motet_image_write_jpeg(
    const uint8_t *bytes, int64_t height, int64_t width, int64_t channels, int32_t quality,
    uint8_t **encoded, size_t *count, char *message);

/// Gives back what a function of this interface allocated.
void motet_image_free(void *memory);

/// A file that is being read, decompressed if it is a gzip file.
typedef struct MotetGzip MotetGzip;

/// Opens a file; NULL with a sentence when that fails.
MotetGzip *motet_gzip_open(const char *path, char *message);

/// Reads up to `count` bytes.
///
/// Returns how many, fewer than asked for at the end only; -1 with a sentence when the file is damaged
/// or cut off.
int64_t motet_gzip_read(
    MotetGzip *file, uint8_t *bytes, int64_t count, char *message);

/// Closes a file.
void motet_gzip_close(MotetGzip *file);

#endif
