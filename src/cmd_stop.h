/* Ctrl-C and SIGTERM: the first asks for an end with a report, the second ends at once. */
#ifndef CMD_STOP_H
#define CMD_STOP_H

#include <stdbool.h>

void stop_catch(void);
/* As if it were asked for after so many seconds. */
void stop_after(unsigned seconds);
bool stop_requested(void);
/* By a signal, not because the time of stop_after() is over. */
bool stop_interrupted(void);
/* What Ctrl-C asked for was done otherwise; SIGTERM stays. */
void stop_forget_interrupt(void);

#endif
