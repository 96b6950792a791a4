import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Card } from '../client/types.ts';
import { ProblemNotice } from '../components/ProblemNotice.tsx';
import { AuthorizationProgress } from '../steps/AuthorizationProgress.tsx';
import { useAuthorization } from '../steps/use-authorization.ts';
import { Measure } from './Measure.tsx';

export function Reauthorize({ card }: { card: Card }) {
  const { t } = useTranslation('settings');
  const { flow, start, error, bringToFront } = useAuthorization('reauthorize');
  return (
    <Measure title={t('reauthorize.title')} text={t('reauthorize.text')}>
      <div>
        <Button variant="default" loading={flow.phase === 'starting'} onClick={() => start()}>
          {t('reauthorize.button')}
        </Button>
      </div>
      <ProblemNotice error={error} />
      <AuthorizationProgress flow={flow} redirectUri={card.redirectUri} onBringToFront={bringToFront} />
    </Measure>
  );
}
