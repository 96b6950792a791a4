import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { CredentialsForm } from '../steps/CredentialsForm.tsx';
import { Measure } from './Measure.tsx';

/** A new secret, or another application. `?replace` in the address opens the form. */
export function ReplaceCredentials() {
  const { t } = useTranslation('settings');
  const [search] = useSearchParams();
  const [opened, setOpened] = useState(search.has('replace'));
  return (
    <Measure title={t('credentials.title')} text={t('credentials.text')}>
      {opened ? (
        <CredentialsForm
          mode="replace"
          submitLabel={t('credentials.save')}
          onSaved={() => {
            setOpened(false);
            notifications.show({ message: t('credentials.saved') });
          }}
          onCancel={() => setOpened(false)}
        />
      ) : (
        <div>
          <Button variant="default" onClick={() => setOpened(true)}>
            {t('credentials.open')}
          </Button>
        </div>
      )}
    </Measure>
  );
}
