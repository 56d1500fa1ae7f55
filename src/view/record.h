/*
 * What the run over the whole input found out about an exchange, as bytes: verdict, outcome, findings. It is put
 * back into an exchange that was rebuilt from its messages alone, which by themselves tell less.
 */
#ifndef VIEW_RECORD_H
#define VIEW_RECORD_H

#include "auth/exchange.h"

void record_write(struct buf *out, const struct exchange *x);
/*
 * Replaces outcome, verdict, findings of `x` by those of the record; copies live in `arena`. False: these bytes are
 * no record, and x is as it was.
 */
bool record_apply(struct slice record, struct exchange *x, struct arena *arena);
/* The verdict only; points into the record. Empty if there is none. */
struct slice record_verdict(struct slice record);

#endif
