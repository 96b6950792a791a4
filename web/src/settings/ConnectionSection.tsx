import { Button, Divider, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useCard } from '../client/card.ts';
import type { Card } from '../client/types.ts';
import { Facts } from '../components/Facts.tsx';
import { LoadingRows } from '../components/LoadingRows.tsx';
import { Section } from '../components/Section.tsx';
import { useFormat } from '../format.ts';
import { paths } from '../paths.ts';
import { Disconnect } from './Disconnect.tsx';
import { Reauthorize } from './Reauthorize.tsx';
import { ReplaceCredentials } from './ReplaceCredentials.tsx';

/** What the connection is, and what an admin can do to it. */
export function ConnectionSection() {
  const { t } = useTranslation('settings');
  const { data: card, error } = useCard();
  return (
    <Section title={t('connection.title')}>
      {card === undefined ? null : <Connection card={card} />}
      {card === undefined && error === null ? <LoadingRows rows={3} /> : null}
      {card === undefined && error !== null ? <Text c="dimmed">{t('connectionError')}</Text> : null}
    </Section>
  );
}

function Connection({ card }: { card: Card }) {
  const { t } = useTranslation('settings');
  const isConnected = card.status === 'connected' || card.status === 'expired';
  if (isConnected)
    return (
      <Stack gap="lg">
        <ConnectionFacts card={card} />
        <Divider />
        <ReplaceCredentials />
        <Divider />
        <Reauthorize card={card} />
        <Divider />
        <Disconnect />
      </Stack>
    );
  return (
    <Stack gap="lg">
      <Stack gap="sm" align="flex-start">
        <Text>{t('connection.notConnected')}</Text>
        <Button component={Link} href={paths.wizard}>
          {t('connection.toWizard')}
        </Button>
      </Stack>
      {card.status === 'pending' || card.status === 'authorizing' ? (
        <>
          <Divider />
          <Disconnect />
        </>
      ) : null}
    </Stack>
  );
}

function ConnectionFacts({ card }: { card: Card }) {
  const { t } = useTranslation('settings');
  const format = useFormat();
  const { connectedAt, apiHost, tokenOwner, tokenExpiresAt, subscriptions } = card;
  const active = subscriptions.filter(({ state }) => state === 'active').length;
  return (
    <Stack gap={4}>
      <Facts
        facts={[
          { label: t('connection.url'), value: apiHost },
          {
            label: t('connection.connectedAt'),
            value: connectedAt === null ? null : format.dateTime(connectedAt),
          },
          {
            label: t('connection.owner'),
            value: tokenOwner === null ? null : t(`connection.owners.${tokenOwner}`),
          },
          {
            label: t('connection.tokenExpires'),
            value: tokenExpiresAt === null ? t('connection.neverExpires') : format.dateTime(tokenExpiresAt),
          },
          {
            label: t('connection.webhooks'),
            value: t('connection.webhooksActive', { active, total: subscriptions.length }),
          },
        ]}
      />
      <Text size="sm" c="dimmed">
        {t('connection.urlHint')}
      </Text>
    </Stack>
  );
}
