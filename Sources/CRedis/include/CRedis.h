// A small C interface over hiredis: one blocking connection to Redis, with commands sent together.
//
// A connection is used by one thread at a time. Functions that can fail return `motet_redis_done` on success and
// otherwise write one sentence to `error`.
#ifndef MOTET_CREDIS_H
#define MOTET_CREDIS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct motet_redis motet_redis;
typedef struct motet_redis_reply motet_redis_reply;

/// What became of a call.
enum {
    motet_redis_done = 0,
    motet_redis_closed = 1,   // the other side has closed the connection
    motet_redis_failed = 2,   // nobody answers, not in time, or not in the protocol of Redis
};

/// What a reply is.
enum {
    motet_redis_nil = 0,
    motet_redis_text = 1,
    motet_redis_integer = 2,
    motet_redis_list = 3,
    motet_redis_error = 4,
    motet_redis_status = 5,
};

/// Connects to a path in the file system, or, where it is null, to a host and port.
///
/// Every later call that waits for the other side waits for at most `timeout_milliseconds` at a time.
int motet_redis_open(
    const char *host, int32_t port, const char *path, int32_t connect_milliseconds,
    int32_t timeout_milliseconds, motet_redis **result, char *error, size_t error_size);

/// Closes a connection.
void motet_redis_close(motet_redis *connection);

/// Adds a command to those that are sent with the next `motet_redis_read`: `count` arguments, whose bytes stand one
/// after the other in `bytes`.
int motet_redis_append(
    motet_redis *connection, const uint8_t *bytes, const size_t *lengths, size_t count, char *error,
    size_t error_size);

/// Sends what was added, and waits for the next reply, which the caller frees.
int motet_redis_read(
    motet_redis *connection, motet_redis_reply **result, char *error, size_t error_size);

/// Frees a reply with all its elements.
void motet_redis_free(motet_redis_reply *reply);

/// What a reply is.
int32_t motet_redis_kind(const motet_redis_reply *reply);

/// The number of an integer.
int64_t motet_redis_number(const motet_redis_reply *reply);

/// The bytes of a text, status or error.
const uint8_t *motet_redis_bytes(const motet_redis_reply *reply);

/// The number of bytes, or of elements of a list.
size_t motet_redis_count(const motet_redis_reply *reply);

/// An element of a list; freed with it.
const motet_redis_reply *motet_redis_element(const motet_redis_reply *reply, size_t index);

#ifdef __cplusplus
}
#endif

#endif
