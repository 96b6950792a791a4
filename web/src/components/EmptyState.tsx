import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** A place where nothing is yet: what it will be, and what to do for it. */
export function EmptyState({
  title,
  text,
  children,
}: {
  title: string;
  text?: string;
  children?: ReactNode;
}) {
  return (
    <Stack className="surface" align="center" gap="sm" py={48} ta="center">
      <Title order={2} size="h3">
        {title}
      </Title>
      {text === undefined ? null : (
        <Text c="dimmed" maw={480}>
          {text}
        </Text>
      )}
      {children}
    </Stack>
  );
}
