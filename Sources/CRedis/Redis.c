#include "CRedis.h"

#include <errno.h>
#include <hiredis/hiredis.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct motet_redis {
    redisContext *context;
};

static struct timeval interval(int32_t milliseconds)
{
    struct timeval value;
    value.tv_sec = milliseconds / 1000;
    value.tv_usec = (milliseconds % 1000) * 1000;
    return value;
}

static void say(char *error, size_t size, const char *text)
{
    if (size > 0) snprintf(error, size, "%s", text);
}

/// Tells what is wrong with a connection, which is of no use afterwards.
static int failure(const redisContext *context, int number, char *error, size_t size)
{
    if (context->err == REDIS_ERR_IO && (number == EAGAIN || number == EWOULDBLOCK)) {
        say(error, size, "no answer in time");
        return motet_redis_failed;
    }
    say(error, size, context->errstr);
    if (context->err == REDIS_ERR_EOF) return motet_redis_closed;
    if (context->err == REDIS_ERR_IO && (number == EPIPE || number == ECONNRESET)) {
        return motet_redis_closed;
    }
    return motet_redis_failed;
}

int motet_redis_open(
    const char *host, int32_t port, const char *path, int32_t connect_milliseconds,
    int32_t timeout_milliseconds, motet_redis **result, char *error, size_t error_size)
{
    *result = NULL;
    const struct timeval limit = interval(connect_milliseconds);
    redisContext *context = path != NULL ? redisConnectUnixWithTimeout(path, limit)
                                         : redisConnectWithTimeout(host, port, limit);
    if (context == NULL) {
        say(error, error_size, "out of memory");
        return motet_redis_failed;
    }
    if (context->err != 0) {
        say(error, error_size, context->errstr);
        redisFree(context);
        return motet_redis_failed;
    }
    if (redisSetTimeout(context, interval(timeout_milliseconds)) != REDIS_OK) {
        say(error, error_size, context->errstr);
        redisFree(context);
        return motet_redis_failed;
    }
    motet_redis *connection = malloc(sizeof *connection);
    if (connection == NULL) {
        say(error, error_size, "out of memory");
        redisFree(context);
        return motet_redis_failed;
    }
    connection->context = context;
    *result = connection;
    return motet_redis_done;
}

void motet_redis_close(motet_redis *connection)
{
    redisFree(connection->context);
    free(connection);
}

int motet_redis_append(
    motet_redis *connection, const uint8_t *bytes, const size_t *lengths, size_t count, char *error,
    size_t error_size)
{
    const char **arguments = malloc((count > 0 ? count : 1) * sizeof *arguments);
    if (arguments == NULL) {
        say(error, error_size, "out of memory");
        return motet_redis_failed;
    }
    const char *next = (const char *)bytes;
    for (size_t index = 0; index < count; index++) {
        arguments[index] = next;
        next += lengths[index];
    }
    const int status =
        redisAppendCommandArgv(connection->context, (int)count, arguments, lengths);
    free(arguments);
    if (status == REDIS_OK) return motet_redis_done;
    return failure(connection->context, 0, error, error_size);
}

int motet_redis_read(
    motet_redis *connection, motet_redis_reply **result, char *error, size_t error_size)
{
    *result = NULL;
    // A write to a closed connection would end the process by SIGPIPE: it is held back on this thread, and taken
    // away if it came from here.
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigemptyset(&pending);
    sigpending(&pending);
    const int was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &before);

    void *reply = NULL;
    errno = 0;
    const int status = redisGetReply(connection->context, &reply);
    const int number = errno;

    if (!was_pending) {
        const struct timespec now = {0, 0};
        while (sigtimedwait(&pipe, NULL, &now) == -1 && errno == EINTR) {
        }
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);

    if (status != REDIS_OK) {
        if (reply != NULL) freeReplyObject(reply);
        return failure(connection->context, number, error, error_size);
    }
    *result = (motet_redis_reply *)reply;
    return motet_redis_done;
}

void motet_redis_free(motet_redis_reply *reply) { freeReplyObject(reply); }

static const redisReply *known(const motet_redis_reply *reply) { return (const redisReply *)reply; }

int32_t motet_redis_kind(const motet_redis_reply *reply)
{
    switch (known(reply)->type) {
    case REDIS_REPLY_STRING: return motet_redis_text;
    case REDIS_REPLY_STATUS: return motet_redis_status;
    case REDIS_REPLY_INTEGER: return motet_redis_integer;
    case REDIS_REPLY_ARRAY: return motet_redis_list;
    case REDIS_REPLY_ERROR: return motet_redis_error;
    default: return motet_redis_nil;
    }
}

int64_t motet_redis_number(const motet_redis_reply *reply) { return known(reply)->integer; }

const uint8_t *motet_redis_bytes(const motet_redis_reply *reply)
{
    return (const uint8_t *)known(reply)->str;
}

size_t motet_redis_count(const motet_redis_reply *reply)
{
    return known(reply)->type == REDIS_REPLY_ARRAY ? known(reply)->elements : known(reply)->len;
}

const motet_redis_reply *motet_redis_element(const motet_redis_reply *reply, size_t index)
{
    return (const motet_redis_reply *)known(reply)->element[index];
}
