import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDecideDeletions, useReconciliations } from '../../client/reconciliations.ts';
import type { Reconciliation } from '../../client/types.ts';
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx';
import { notifyDone } from '../../components/notify.tsx';
import { WaitingNotice } from '../../components/WaitingNotice.tsx';
import { useFormat } from '../../format.ts';
import { kinds } from './drift.ts';

type Braked = Reconciliation['braked'][number];
type Decision = 'approve' | 'reject';

/** Rows listed of one kind: enough to see who it is about. */
const listed = 200;

/** The deletions that were held back, with who and what they are about, and the decision. */
export function DeletionsWaiting() {
  const { data } = useReconciliations();
  return (data ?? [])
    .filter(({ status, braked }) => status === 'awaiting_approval' && braked.length > 0)
    .map((reconciliation) => <Waiting key={reconciliation.id} reconciliation={reconciliation} />);
}

function Waiting({ reconciliation: { id, braked } }: { reconciliation: Reconciliation }) {
  const { t } = useTranslation('activity');
  const [asking, setAsking] = useState<Decision | null>(null);
  const decide = useDecideDeletions();
  const count = braked.reduce((sum, one) => sum + one.count, 0);
  // The text of a dialog that is closing stays as it was.
  const [shown, setShown] = useState<Decision>('approve');
  const ask = (decision: Decision): void => {
    setShown(decision);
    setAsking(decision);
  };
  const close = (): void => {
    setAsking(null);
    decide.reset();
  };

  return (
    <WaitingNotice title={t('brake.title', { count })}>
      <Text size="sm">{t('brake.text')}</Text>
      {braked.map((one) => (
        <BrakedList key={one.kind} braked={one} />
      ))}
      <Group gap="sm" mt="sm">
        <Button size="sm" variant="default" onClick={() => ask('reject')}>
          {t('brake.reject.open')}
        </Button>
        <Button size="sm" variant="default" onClick={() => ask('approve')}>
          {t('brake.approve.open')}
        </Button>
      </Group>
      <ConfirmDialog
        opened={asking !== null}
        title={t(`brake.${shown}.title`, { count })}
        confirmLabel={t(`brake.${shown}.action`, { count })}
        danger={shown === 'approve'}
        pending={decide.isPending}
        error={decide.error}
        onClose={close}
        onConfirm={() =>
          decide.mutate(
            { id, decision: shown },
            {
              onSuccess: () => {
                notifyDone(t(`brake.${shown}.done`));
                close();
              },
            },
          )
        }
      >
        <Text size="sm">{t(`brake.${shown}.text`, { count })}</Text>
      </ConfirmDialog>
    </WaitingNotice>
  );
}

function BrakedList({ braked: { kind, count, of, items } }: { braked: Braked }) {
  const { t } = useTranslation('activity');
  const { number } = useFormat();
  const known = kinds.find((one) => one === kind);
  const name = known === undefined ? kind : t(`kinds.${known}`);
  return (
    <details className="braked">
      <summary>{t('brake.of', { name, gone: number(count), all: number(of) })}</summary>
      <ul>
        {items.slice(0, listed).map(({ id, label }) => (
          <li key={id}>{label}</li>
        ))}
        {items.length > listed ? <li>{t('brake.more', { count: items.length - listed })}</li> : null}
      </ul>
    </details>
  );
}
