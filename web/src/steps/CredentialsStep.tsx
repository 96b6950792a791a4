import { Anchor, List, Stack, Text, Title } from '@mantine/core';
import { IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyField } from '../components/CopyField.tsx';
import type { Card } from '../client/types.ts';
import { CredentialsForm } from './CredentialsForm.tsx';

const applicationsUrl = 'https://api.factorialhr.com/oauth/applications';
const scopes = ['employees', 'timeOff', 'timeTracking', 'companyHolidays'] as const;

/** What one needs before one starts, and the two texts that Factorial gives. */
export function CredentialsStep({ card, onSaved }: { card: Card; onSaved: () => void }) {
  const { t } = useTranslation('wizard');
  const common = useTranslation().t;
  return (
    <Stack gap="xl">
      <section>
        <Title order={3} size="h4" mb="xs">
          {t('credentials.before')}
        </Title>
        <Text mb="sm">{t('credentials.lead')}</Text>
        <List type="ordered" spacing="xs">
          <List.Item>
            {t('credentials.create')}
            <br />
            <Anchor href={applicationsUrl} target="_blank" rel="noopener noreferrer" underline="always">
              {t('credentials.createLink')} <IconExternalLink size={14} aria-hidden />
            </Anchor>
          </List.Item>
          <List.Item>{t('credentials.redirect')}</List.Item>
          <List.Item>{t('credentials.confidential')}</List.Item>
          <List.Item>
            {t('credentials.scopes')}
            <List mt={4} spacing={2} withPadding>
              {scopes.map((scope) => (
                <List.Item key={scope}>
                  <Text span fw={600}>
                    {t(`credentials.scopeNames.${scope}`)}
                  </Text>
                  <Text span c="dimmed">
                    {` – ${t(`credentials.scopeGrants.${scope}`)}`}
                  </Text>
                </List.Item>
              ))}
            </List>
          </List.Item>
          <List.Item>{t('credentials.once')}</List.Item>
        </List>
      </section>
      <section>
        <Title order={3} size="h4" mb="sm">
          {t('credentials.form')}
        </Title>
        <Stack gap="md">
          {card.status === 'pending' || card.status === 'authorizing' ? (
            <Text c="dimmed">{t('credentials.replaceHint')}</Text>
          ) : null}
          <CopyField
            label={t('credentials.redirectUri')}
            description={t('credentials.redirectUriHint')}
            value={card.redirectUri}
          />
          <CredentialsForm mode="save" submitLabel={common('save')} onSaved={onSaved} />
        </Stack>
      </section>
    </Stack>
  );
}
