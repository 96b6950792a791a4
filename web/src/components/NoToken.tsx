import { useTranslation } from 'react-i18next';
import { EmptyState } from './EmptyState.tsx';

export function NoToken() {
  const { t } = useTranslation();
  return <EmptyState isScreen title={t('noToken.title')} text={t('noToken.text')} />;
}
