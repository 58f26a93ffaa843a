#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "CImages.h"

typedef struct {
    struct jpeg_error_mgr base;
    jmp_buf leave;
    char *message;
} Errors;

// libjpeg ends a call that cannot go on here; the jump stays inside the function that set it up.
static void leave(j_common_ptr jpeg) {
    Errors *errors = (Errors *)jpeg->err;
    char text[JMSG_LENGTH_MAX];
    errors->base.format_message(jpeg, text);
    snprintf(errors->message, MOTET_IMAGE_MESSAGE, "%s", text);
    longjmp(errors->leave, 1);
}

// libjpeg fills up what is missing or does not decode and only warns; to us that is an error. The
// warnings let pass say that harmless extra bytes or unusual headers were seen.
static void note(j_common_ptr jpeg, int level) {
    if (level >= 0) return;
    switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_BOGUS_PROGRESSION:
        return;
    default:
        leave(jpeg);
    }
}

static void quiet(j_common_ptr jpeg) { (void)jpeg; }

static void start(Errors *errors, char *message) {
    jpeg_std_error(&errors->base);
    errors->base.error_exit = leave;
    errors->base.emit_message = note;
    errors->base.output_message = quiet;
    errors->message = message;
}

static MotetImageStatus status(const Errors *errors) {
    return errors->base.msg_code == JERR_OUT_OF_MEMORY ? MOTET_IMAGE_MEMORY : MOTET_IMAGE_DAMAGED;
}

MotetImageStatus motet_image_read_jpeg(
    const uint8_t *bytes, size_t count, int64_t most_pixels, MotetImage *image, char *message) {
    struct jpeg_decompress_struct jpeg;
    Errors errors;
    // Written between setjmp and longjmp, so it must not live in a register.
    uint8_t *volatile memory = NULL;
    memset(&jpeg, 0, sizeof jpeg);
    start(&errors, message);
    jpeg.err = &errors.base;
    if (setjmp(errors.leave)) {
        free(memory);
        jpeg_destroy_decompress(&jpeg);
        return status(&errors);
    }
    jpeg_create_decompress(&jpeg);
    jpeg_mem_src(&jpeg, bytes, count);
    jpeg_read_header(&jpeg, TRUE);
    int64_t pixels = (int64_t)jpeg.image_width * (int64_t)jpeg.image_height;
    MotetImageStatus refused = MOTET_IMAGE_OK;
    if (pixels > most_pixels) {
        snprintf(
            message, MOTET_IMAGE_MESSAGE, "%u x %u pixels", jpeg.image_height, jpeg.image_width);
        refused = MOTET_IMAGE_TOO_LARGE;
    } else if (jpeg.num_components != 1 && jpeg.num_components != 3) {
        snprintf(message, MOTET_IMAGE_MESSAGE, "%d components", jpeg.num_components);
        refused = MOTET_IMAGE_UNSUPPORTED;
    }
    if (refused != MOTET_IMAGE_OK) {
        jpeg_destroy_decompress(&jpeg);
        return refused;
    }
    jpeg.out_color_space = jpeg.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&jpeg);
    size_t row = (size_t)jpeg.output_width * (size_t)jpeg.output_components;
    memory = malloc(row * jpeg.output_height);
    if (memory == NULL) {
        jpeg_destroy_decompress(&jpeg);
        snprintf(message, MOTET_IMAGE_MESSAGE, "no memory");
        return MOTET_IMAGE_MEMORY;
    }
    while (jpeg.output_scanline < jpeg.output_height) {
        JSAMPROW line = memory + row * jpeg.output_scanline;
        jpeg_read_scanlines(&jpeg, &line, 1);
    }
    image->height = jpeg.output_height;
    image->width = jpeg.output_width;
    image->channels = jpeg.output_components;
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    image->bytes = memory;
    return MOTET_IMAGE_OK;
}

MotetImageStatus motet_image_write_jpeg(
    const uint8_t *bytes, int64_t height, int64_t width, int64_t channels, int32_t quality,
    uint8_t **encoded, size_t *count, char *message) {
    if ((channels != 1 && channels != 3) || height < 1 || width < 1 || height > JPEG_MAX_DIMENSION
        || width > JPEG_MAX_DIMENSION) {
        snprintf(message, MOTET_IMAGE_MESSAGE, "no such picture");
        return MOTET_IMAGE_UNSUPPORTED;
    }
    struct jpeg_compress_struct jpeg;
    Errors errors;
    unsigned char *memory = NULL;
    unsigned long size = 0;
    // libjpeg writes through these addresses, so they are read again after a jump.
    unsigned char *volatile *place = (unsigned char *volatile *)&memory;
    memset(&jpeg, 0, sizeof jpeg);
    start(&errors, message);
    jpeg.err = &errors.base;
    if (setjmp(errors.leave)) {
        free(*place);
        jpeg_destroy_compress(&jpeg);
        return status(&errors);
    }
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &memory, &size);
    jpeg.image_width = (JDIMENSION)width;
    jpeg.image_height = (JDIMENSION)height;
    jpeg.input_components = (int)channels;
    jpeg.in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg_set_quality(&jpeg, quality, TRUE);
    jpeg_start_compress(&jpeg, TRUE);
    while (jpeg.next_scanline < jpeg.image_height) {
        JSAMPROW line = (JSAMPROW)(bytes + (size_t)(width * channels) * jpeg.next_scanline);
        jpeg_write_scanlines(&jpeg, &line, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    *encoded = memory;
    *count = size;
    return MOTET_IMAGE_OK;
}
