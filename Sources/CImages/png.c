#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CImages.h"

// libpng's simplified interface keeps its own setjmp: nothing leaves these calls but a message.

static MotetImageStatus failed(png_image *png, char *message) {
    snprintf(message, MOTET_IMAGE_MESSAGE, "%s", png->message);
    int memory = strstr(png->message, "memory") != NULL;
    png_image_free(png);
    return memory ? MOTET_IMAGE_MEMORY : MOTET_IMAGE_DAMAGED;
}

MotetImageStatus motet_image_read_png(
    const uint8_t *bytes, size_t count, int64_t most_pixels, MotetImage *image, char *message) {
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    if (!png_image_begin_read_from_memory(&png, bytes, count)) return failed(&png, message);
    int64_t pixels = (int64_t)png.width * (int64_t)png.height;
    if (pixels > most_pixels) {
        snprintf(
            message, MOTET_IMAGE_MESSAGE, "%u x %u pixels", (unsigned)png.height,
            (unsigned)png.width);
        png_image_free(&png);
        return MOTET_IMAGE_TOO_LARGE;
    }
    // Numbers of 16 bits are taken for sRGB as those of 8 are, so that both give the same picture.
    png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    // Only colour and alpha are kept as they are; the rest of the format is 8 bits, no palette.
    png.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
    image->height = png.height;
    image->width = png.width;
    image->channels = PNG_IMAGE_SAMPLE_CHANNELS(png.format);
    image->bytes = malloc(PNG_IMAGE_SIZE(png));
    if (image->bytes == NULL) {
        png_image_free(&png);
        snprintf(message, MOTET_IMAGE_MESSAGE, "no memory");
        return MOTET_IMAGE_MEMORY;
    }
    if (!png_image_finish_read(&png, NULL, image->bytes, 0, NULL)) {
        free(image->bytes);
        image->bytes = NULL;
        return failed(&png, message);
    }
    return MOTET_IMAGE_OK;
}

MotetImageStatus motet_image_write_png(
    const uint8_t *bytes, int64_t height, int64_t width, int64_t channels, uint8_t **encoded,
    size_t *count, char *message) {
    static const png_uint_32 formats[] = {
        PNG_FORMAT_GRAY, PNG_FORMAT_GA, PNG_FORMAT_RGB, PNG_FORMAT_RGBA};
    if (channels < 1 || channels > 4 || height < 1 || width < 1 || height > INT32_MAX
        || width > INT32_MAX) {
        snprintf(message, MOTET_IMAGE_MESSAGE, "no such picture");
        return MOTET_IMAGE_UNSUPPORTED;
    }
    png_image png;
    memset(&png, 0, sizeof png);
    png.version = PNG_IMAGE_VERSION;
    png.width = (png_uint_32)width;
    png.height = (png_uint_32)height;
    png.format = formats[channels - 1];
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(png);
    uint8_t *memory = malloc(size);
    if (memory == NULL) {
        snprintf(message, MOTET_IMAGE_MESSAGE, "no memory");
        return MOTET_IMAGE_MEMORY;
    }
    if (!png_image_write_to_memory(&png, memory, &size, 0, bytes, 0, NULL)) {
        free(memory);
        return failed(&png, message);
    }
    *encoded = memory;
    *count = size;
    return MOTET_IMAGE_OK;
}

void motet_image_free(void *memory) { free(memory); }
