import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { paths } from '../paths.ts';
import { EmptyState } from './EmptyState.tsx';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <EmptyState isScreen title={t('notFound.title')}>
      <Button component={Link} href={paths.integrations}>
        {t('notFound.action')}
      </Button>
    </EmptyState>
  );
}
