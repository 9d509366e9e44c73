/* Sending an export: a streamed body, as it is or as a gzip file. */
#ifndef WEB_API_DELIVERY_H
#define WEB_API_DELIVERY_H

#include "web/shell/call.h"

struct encoder;

struct delivery {
    struct call *call;
    struct encoder *gzip;     /* NULL: bytes go out as they are */
    struct buf compressed;
    bool is_headers_only;     /* a HEAD request: nothing more is sent */
};

/** Begins the streamed body; status and headers are set. Undone by delivery_close. */
enum err delivery_open(struct call *call, bool is_compressed, struct delivery *ret_delivery)
    must_check;

/** Sends bytes; waits for a slow client. Errors: ERR_CANCELLED, ERR_DEADLINE. */
enum err delivery_write(struct delivery *delivery, str bytes) must_check;

/** Sends a file from where the descriptor stands to its end. Errors as delivery_write; ERR_FILE. */
enum err delivery_send_file(struct delivery *delivery, int descriptor) must_check;

/** Ends the file; nothing may be written afterwards. Errors as delivery_write. */
enum err delivery_finish(struct delivery *delivery) must_check;

/** Frees what the delivery holds; a zeroed one is accepted. For cleanup_with. */
void delivery_close(struct delivery *delivery);

#endif
