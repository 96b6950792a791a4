import { Alert, Button, Code, Group, Text } from '@mantine/core';
import { IconAlertCircle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useProblemText } from './problem-text.ts';

/** What went wrong, in a sentence, and a way on. Nothing where there is no error. */
export function ProblemNotice({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  if (error === null || error === undefined) return null;
  const { text, reference } = textOf(error);
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconAlertCircle aria-hidden />}>
      <Text size="sm" c="var(--mantine-color-text)">
        {text}
      </Text>
      {onRetry === undefined && reference === null ? null : (
        <Group gap="md" mt="xs">
          {onRetry === undefined ? null : (
            <Button size="compact-sm" variant="default" onClick={onRetry}>
              {t('tryAgain')}
            </Button>
          )}
          {reference === null ? null : (
            <Text size="xs" c="dimmed">
              {t('reference')} <Code>{reference}</Code>
            </Text>
          )}
        </Group>
      )}
    </Alert>
  );
}
