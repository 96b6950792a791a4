import { Anchor, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Card } from '../client/types.ts';
import { paths } from '../paths.ts';
import { WaitingNotice } from './WaitingNotice.tsx';

/** Says that nothing comes from Factorial, and leads to where that is changed. Nothing where it is connected. */
export function ConnectFirst({ card: { status } }: { card: Card }) {
  const { t } = useTranslation('integrations');
  if (status === 'connected' || status === 'expired') return null;
  return (
    <WaitingNotice title={t('connectFirst.title')}>
      <Text size="sm">{t('connectFirst.text')}</Text>
      <Anchor component={Link} href={paths.wizard} c="inherit" fw={600} size="sm" underline="always">
        {t('connectFirst.action')}
      </Anchor>
    </WaitingNotice>
  );
}
