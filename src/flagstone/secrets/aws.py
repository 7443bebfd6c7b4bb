"""Secrets in AWS Secrets Manager."""

from collections.abc import Mapping
from typing import Any

from flagstone.model.secrets import Source
from flagstone.secrets.options import check_options, extra, refuse, variables


class AwsSecrets:
    """`aws-secrets-manager.NAME` or an ARN: a JSON object of names and values, or one value with `json=False`.

    Options: `region`, `json`, `env_var_name`. Credentials are found as boto3 finds them; `role` is the ARN of a role
    to assume.
    """

    def read(self, source: Source, role: str | None) -> Mapping[str, str]:
        """The secret. Raises SecretUnavailable, MissingExtra."""
        check_options(source, ("region", "json", "env_var_name"))
        boto3, errors = extra("aws", "boto3"), extra("aws", "botocore.exceptions")
        try:
            found = self._client(boto3, source, role).get_secret_value(SecretId=source.id)
        except (errors.ClientError, errors.BotoCoreError) as error:
            refuse(source, f"AWS refuses: {error}")
        if "SecretString" not in found:
            refuse(source, "it is binary, and an environment variable holds a text")
        return variables(source, found["Name"].rpartition("/")[2], found["SecretString"], several=True)

    def _client(self, boto3: Any, source: Source, role: str | None) -> Any:
        region = source.options.get("region") or _region_of(source.id)
        if role is None:
            return boto3.client("secretsmanager", region_name=region)
        assumed = boto3.client("sts", region_name=region).assume_role(RoleArn=role, RoleSessionName="flagstone")
        keys = assumed["Credentials"]
        return boto3.client(
            "secretsmanager",
            region_name=region,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
        )


def _region_of(name: str) -> str | None:
    """The region in an ARN; None for a name, whose region is the usual one."""
    parts = name.split(":")
    return parts[3] if name.startswith("arn:") and len(parts) > 3 else None
