/* What is typed into forms about a dataset and not sent yet. A form that has data-unsent and data-form is kept by unsent.js. */
#ifndef WEB_BACK_UNSENT_H
#define WEB_BACK_UNSENT_H

#include "domain/resource/unsent.h"
#include "web/back/dataset_frame.h"

/** Where the script keeps it: "/backoffice/datasets/ID/unsent". */
str unsent_address(struct call *call, const struct dataset *dataset);

/** Forgets what was typed into this form, as it was sent. Errors: as unsent_forget. */
enum err unsent_sent(struct call *call, const struct dataset *dataset, str form) must_check;

#endif
