import { Badge, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Card } from '../client/types.ts';
import { useFormat } from '../format.ts';

const statusColors: Record<Card['status'], string> = {
  not_connected: 'gray',
  pending: 'yellow',
  authorizing: 'yellow',
  connected: 'green',
  expired: 'red',
  disconnected: 'gray',
};

export function StatusBadge({ status }: { status: Card['status'] }) {
  const { t } = useTranslation('integrations');
  return (
    <Badge variant="light" color={statusColors[status]} size="lg" radius="sm">
      {t(`status.${status}`)}
    </Badge>
  );
}

/** Token, errors of a week and the last comparison, in one line where there is room. Nothing before there is a connection. */
export function ConnectionStanding({ card }: { card: Card }) {
  const { t } = useTranslation('integrations');
  const verified = useVerifiedText();
  const { tokenStatus, errors7d, company, paused } = card;
  if (tokenStatus === null) return null;
  return (
    <Group gap="0.25rem 1.25rem">
      <Text size="sm" c={tokenStatus === 'invalid_or_expired' ? 'error' : 'dimmed'}>
        {t(`token.${tokenStatus}`)}
      </Text>
      <Text size="sm" c={errors7d > 0 ? 'error' : 'dimmed'}>
        {t('errors7d', { count: errors7d })}
      </Text>
      <Text size="sm" c="dimmed">
        {verified(card)}
      </Text>
      {company?.name == null ? null : (
        <Text size="sm" c="dimmed">
          {t('company', { name: company.name })}
        </Text>
      )}
      {paused ? (
        <Text size="sm" c="error">
          {t('paused')}
        </Text>
      ) : null}
    </Group>
  );
}

function useVerifiedText(): (card: Card) => string {
  const { t } = useTranslation('integrations');
  const format = useFormat();
  return ({ lastReconciliation: last }) => {
    if (last === null) return t('neverVerified');
    if (last.status === 'running' || last.status === 'queued') return t('verifying');
    if (last.finishedAt === null) return t('neverVerified');
    const at = format.dateTime(last.finishedAt);
    if (last.status === 'failed') return t('verificationFailed', { at });
    return t(last.verified ? 'verified' : 'compared', { at });
  };
}
