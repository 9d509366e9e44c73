#include "platform/gdal/stream.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "platform/gdal/library.h"

#define PREFIX "/parvis-stream/"

struct stream_file {
    struct stream_target *target;
    uint64_t at;
};

static void *stream_open(void *user, const char *name, const char *access)
{
    (void)user;
    uintptr_t address = (uintptr_t)strtoull(name, NULL, 16);
    if (!address || !strchr(access, 'w')) {
        return NULL;
    }
    struct stream_file *file = calloc(1, sizeof(*file));
    if (file) {
        file->target = (struct stream_target *)address;
    }
    return file;
}

static vsi_l_offset stream_tell(void *user)
{
    return ((struct stream_file *)user)->at;
}

static int stream_seek(void *user, vsi_l_offset offset, int whence)
{
    struct stream_file *file = user;
    file->at = whence == SEEK_SET   ? offset
               : whence == SEEK_CUR ? file->at + offset
                                    : file->target->written + offset;
    return 0;
}

static size_t stream_read(void *user, void *bytes, size_t size, size_t count)
{
    (void)user, (void)bytes, (void)size, (void)count;
    return 0;
}

/* What is behind us may be on its way to a client: only the end can be written. */
static size_t stream_write(void *user, const void *bytes, size_t size, size_t count)
{
    struct stream_file *file = user;
    struct stream_target *target = file->target;
    if (file->at == target->written) {
        if (target->out) {
            buf_add(target->out, (str){bytes, size * count});
        }
        target->written += size * count;
    }
    file->at += size * count;
    return count;
}

static int stream_done(void *user)
{
    (void)user;
    return 0;
}

static int stream_close(void *user)
{
    free(user);
    return 0;
}

static int stream_stat(void *user, const char *name, VSIStatBufL *status, int flags)
{
    (void)user, (void)name, (void)status, (void)flags;
    return -1;
}

static void install(void)
{
    VSIFilesystemPluginCallbacksStruct *callbacks = gdal.VSIAllocFilesystemPluginCallbacksStruct();
    callbacks->stat = stream_stat;
    callbacks->open = stream_open;
    callbacks->tell = stream_tell;
    callbacks->seek = stream_seek;
    callbacks->read = stream_read;
    callbacks->eof = stream_done;
    callbacks->write = stream_write;
    callbacks->flush = stream_done;
    callbacks->close = stream_close;
    gdal.VSIInstallPluginHandler(PREFIX, callbacks);
    gdal.VSIFreeFilesystemPluginCallbacksStruct(callbacks);
}

const char *stream_name(struct stream_target *target, char name[STREAM_NAME_BYTES])
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install);
    snprintf(name, STREAM_NAME_BYTES, PREFIX "%" PRIxPTR, (uintptr_t)target);
    return name;
}
