import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A part of a screen with a name of its own. */
export function Section({ title, text, children }: { title: string; text?: string; children: ReactNode }) {
  return (
    <Stack component="section" className="surface" gap="md">
      <div>
        <Title order={2} size="h4">
          {title}
        </Title>
        {text === undefined ? null : (
          <Text size="sm" c="dimmed">
            {text}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
