#include "platform/geometry/geos.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bug.h"
#include "platform/geometry/wkb.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static _Thread_local struct geos_message last_message;

static void remember(const char *text, void *user)
{
    (void)user;
    snprintf(last_message.text, sizeof(last_message.text), "%.150s", text);
}

/* What a thread has of GEOS. */
struct of_thread {
    GEOSContextHandle_t context;
    struct geos_literals *literals;
};

static void finish_thread(void *argument)
{
    struct of_thread *own = argument;
    geos_literals_free(own->context, own->literals);
    GEOS_finish_r(own->context);
    free(own);
}

static void make_key(void)
{
    bug_if(pthread_key_create(&key, finish_thread) != 0);
}

static struct of_thread *of_this_thread(void)
{
    pthread_once(&once, make_key);
    struct of_thread *own = pthread_getspecific(key);
    if (!own) {
        own = calloc(1, sizeof(*own));
        if (!own) {
            bug_out_of_memory(sizeof(*own));
        }
        own->context = GEOS_init_r();
        GEOSContext_setErrorMessageHandler_r(own->context, remember, NULL);
        pthread_setspecific(key, own);
    }
    return own;
}

GEOSContextHandle_t geos_context(void)
{
    return of_this_thread()->context;
}

struct geos_literals **geos_literals_place(void)
{
    return &of_this_thread()->literals;
}

GEOSGeometry *geos_of_wkb(GEOSContextHandle_t context, str wkb)
{
    struct buf padded cleanup_with(buf_cleanup) = {0};
    if (!wkb_pad(wkb, &padded)) {
        return NULL;
    }
    GEOSWKBReader *reader = GEOSWKBReader_create_r(context);
    GEOSGeometry *geometry =
        GEOSWKBReader_read_r(context, reader, (const unsigned char *)padded.p, padded.n);
    GEOSWKBReader_destroy_r(context, reader);
    return geometry;
}

/* The bytes of GEOS are checked as anybody's are: it takes numbers that are not finite. */
const char *geos_write_wkb(GEOSContextHandle_t context, const GEOSGeometry *geometry, struct buf *wkb)
{
    size_t size = 0;
    GEOSWKBWriter *writer = GEOSWKBWriter_create_r(context);
    GEOSWKBWriter_setOutputDimension_r(context, writer,
                                       GEOSHasZ_r(context, geometry) == 1 ? 3 : 2);
    unsigned char *bytes = GEOSWKBWriter_write_r(context, writer, geometry, &size);
    GEOSWKBWriter_destroy_r(context, writer);
    const char *fault = bytes ? wkb_fault((str){(const char *)bytes, size}, wkb)
                              : "a geometry that cannot be written as WKB";
    GEOSFree_r(context, bytes);
    return fault;
}

const char *geos_read_wkt(const char *text, struct buf *wkb, struct geos_message *message)
{
    GEOSContextHandle_t context = geos_context();
    last_message.text[0] = 0;
    GEOSWKTReader *reader = GEOSWKTReader_create_r(context);
    GEOSGeometry *geometry = GEOSWKTReader_read_r(context, reader, text);
    GEOSWKTReader_destroy_r(context, reader);
    if (!geometry) {
        snprintf(message->text, sizeof(message->text), "no well-known text of a geometry (%.150s)",
                 last_message.text);
        return message->text;
    }
    const char *fault = geos_write_wkb(context, geometry, wkb);
    GEOSGeom_destroy_r(context, geometry);
    return fault;
}
