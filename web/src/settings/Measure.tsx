import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Something that an admin can do to the connection: its name, what it does, and the means. */
export function Measure({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <Stack gap="sm" align="stretch">
      <div>
        <Title order={3} size="h5">
          {title}
        </Title>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </div>
      {children}
    </Stack>
  );
}
