"""Compares what the program reports with what a case expects."""
import re
from casefile import Wrong, unquote, words

SEVERITIES = ['ok', 'info', 'warning', 'error']
FAULTS = {'client', 'server', 'middlebox', 'config', 'network', 'capture', 'none'}
CONFIDENCES = {'proven', 'likely', 'possible'}
# what nearly every exchange has
USUAL = {'md5-only', 'auth-ok', 'flow-register-ok', 'flow-invite-ok', 'digest-verified', 'digest-unverifiable'}
NOTHING = {'exchanges': [], 'findings': []}



class Checker:
    def __init__(self, case, script, report):
        self.case, self.script, self.report, self.complaints = case, script, report, []
        self.exchanges = sorted(report['exchanges'], key=lambda x: x['n'])
        self.findings = [(f, x) for x in self.exchanges for f in x['findings']] + [(f, None) for f in report['findings']]

    def complain(self, text):
        self.complaints.append(text)

    def summary(self):
        for x in self.exchanges:
            self.complain('exchange %d: %s %s, cause %s, %d rounds: %s' % (
                x['n'], x['method'], x['outcome'], x.get('cause'), x['rounds'],
                ' '.join('%s=%s/%s/%s' % (f['id'], f['severity'], f['fault'], f['confidence']) for f in x['findings'])))
        for f in self.report['findings']:
            self.complain('%s: %s=%s/%s/%s: %s' % (f['scope'], f['id'], f['severity'], f['fault'], f['confidence'],
                                                   f['message']))

    def run(self):
        self.expected_lists()
        named = set(self.case.also + self.case.maybe)
        for text in self.case.raises:
            named.add(self.raised(text))
        for f, x in self.findings:
            if f['id'] not in named and not (f['id'] in USUAL and f['severity'] in ('info', 'ok')):
                self.complain('%s %s is reported, too: %s' % (f['severity'], f['id'], f['message']))
            if f['id'] in self.case.nots:
                self.complain('%s is reported (%s): %s' % (f['id'], f['severity'], f['message']))
        for i in self.case.also:
            if not any(f['id'] == i for f, x in self.findings):
                self.complain('also: %s is not reported' % i)
        self.invariants()
        if self.complaints:
            self.summary()
        return self.complaints

    def expected_lists(self):
        case, failed = self.case, [x for x in self.exchanges if x['outcome'] in ('rejected', 'unanswered', 'no-reply')]
        lists = [('outcome', case.outcomes, [x['outcome'] for x in self.exchanges]),
                 ('cause', case.causes, [x.get('cause', 'none') for x in failed]),
                 ('rounds', case.rounds, [x['rounds'] for x in self.exchanges]),
                 ('verification', case.verifications, [k.get('verification', '-') for x in self.exchanges
                                                       for a in x['attempts'] for k in a['credentials']])]
        for name, wanted, got in lists:
            if wanted is not None and wanted != got:
                self.complain('%s is %s, not %s' % (name, ' '.join(map(str, got)) or '-', ' '.join(map(str, wanted))))
        if case.verdict and not any(case.verdict in x['verdict'] for x in self.exchanges):
            self.complain('no verdict says "%s": %s' % (case.verdict, [x['verdict'] for x in self.exchanges]))

    def raised(self, text):
        wanted, *rest = words(text)
        found = [(f, x) for f, x in self.findings if f['id'] == wanted]
        if not found:
            self.complain('%s is not reported' % wanted)
            return wanted
        problems = [self.differences(f, x, rest) for f, x in found]
        if all(problems):
            self.complain('%s: %s' % (wanted, '; or '.join(' and '.join(p) for p in problems)))
        return wanted

    def differences(self, f, x, rest):
        out = []
        for w in rest:
            if w in SEVERITIES:
                key, value = 'severity', w
            elif w in FAULTS:
                key, value = 'fault', w
            elif w in CONFIDENCES:
                key, value = 'confidence', w
            elif w.startswith('scope='):
                key, value = 'scope', w[6:]
            elif w[0] == '@' and w[1:].isdigit():
                if not x or x['n'] != int(w[1:]):
                    out.append('it is in exchange %s' % (x and x['n']))
                continue
            elif w.startswith('at=#'):
                frame = self.script.find(w[4:]).frame
                if frame not in f['frames']:
                    out.append('its frames are %s, not %d' % (f['frames'], frame))
                continue
            elif w.startswith('count='):
                key, value = 'count', int(w[6:])
            elif w.startswith('deviation='):
                ids = [i for d in f.get('deviations', []) for i in [d['id']] + d.get('also', [])]
                if w[10:] not in ids:
                    out.append('its deviations are %s' % ids)
                continue
            elif w.startswith('unsaid='):
                if unquote(w[7:]) in f['message']:
                    out.append('it says "%s"' % f['message'])
                continue
            elif w.startswith('says='):
                if unquote(w[5:]) not in f['message']:
                    out.append('it says "%s"' % f['message'])
                continue
            else:
                raise Wrong('%s: "%s" in raises: is not known' % (self.case.name, w))
            if f.get(key) != value:
                out.append('%s is %s, not %s' % (key, f.get(key), value))
        return out

    def may_lack_cause(self, ids):
        """Pings that are challenged did not fail (`cause: none` says so); a scan absorbs its members."""
        return 'none' in (self.case.causes or []) or any(f['id'] == 'scan-suspected' for f in self.report['findings'])

    def invariants(self):
        """What holds in every report (CONTRACT, CATALOGUE first lines)."""
        packets = len(self.script.wire.packets)
        for f, x in self.findings:
            failed = x and x['outcome'] in ('rejected', 'unanswered', 'no-reply')
            if x and f['severity'] == 'error' and not failed:
                self.complain('error %s in an exchange that is %s' % (f['id'], x['outcome']))
            if f['fault'] not in FAULTS or f['confidence'] not in CONFIDENCES:
                self.complain('%s has fault %s, confidence %s' % (f['id'], f['fault'], f['confidence']))
            if re.search(r'\{\w+\}|\(null\)', f['message'] + f['fix'] + f['vos3000']):
                self.complain('%s says "%s"' % (f['id'], f['message']))
            if any(n < 1 or n > packets for n in f['frames']):
                self.complain('%s names frames %s of %d' % (f['id'], f['frames'], packets))
        silent = {'challenge-ignored', 'register-407-ignored', 'in-dialog-challenge-ignored'}
        for x in self.exchanges:
            ids = [f['id'] for f in x['findings']]
            if len(silent & set(ids)) > 1 or len(set(ids)) < len(ids) - ids.count('digest-deviation'):
                self.complain('exchange %d has findings twice: %s' % (x['n'], ids))
            failed = x['outcome'] in ('rejected', 'unanswered', 'no-reply')
            if failed and 'cause' not in x and not self.may_lack_cause(ids):
                self.complain('exchange %d is %s, and nothing explains it' % (x['n'], x['outcome']))
            if 'cause' in x and (x['cause'] not in ids or not failed):
                self.complain('exchange %d is %s, its cause %s' % (x['n'], x['outcome'], x['cause']))


def validate(case, ids):
    """A case must expect something, and may only name ids that exist."""
    named = [r.split()[0] for r in case.raises] + case.nots + case.also + case.maybe + [c for c in case.causes or [] if c != 'none']
    for i in named:
        if i not in ids:
            raise Wrong('%s: "%s" is no finding' % (case.title(), i))
    if not case.steps:
        raise Wrong('%s: no messages' % case.title())
    if case.outcomes is None:
        raise Wrong('%s: says nothing of the outcome' % case.title())
    if not case.raises and not case.nots:
        raise Wrong('%s: neither raises: nor not:' % case.title())
    both = {r.split()[0] for r in case.raises} & set(case.nots)
    if both:
        raise Wrong('%s: raises and does not raise %s' % (case.title(), both))
