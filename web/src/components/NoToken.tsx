import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { hostPage } from '../client/session.ts';
import { EmptyState } from './EmptyState.tsx';

/** Whoever comes without a token: where to get one. */
export function NoToken() {
  const { t } = useTranslation();
  const host = hostPage();
  return (
    <EmptyState isScreen title={t('noToken.title')} text={t('noToken.text')}>
      {host === null ? null : (
        <Button component="a" href={host}>
          {t('openHost')}
        </Button>
      )}
    </EmptyState>
  );
}
