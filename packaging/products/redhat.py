"""The .rpm: the same tree, what it needs named by library, as Fedora and its kin do."""

from __future__ import annotations

import shutil
import subprocess

from products import libraries
from products.place import DIST, ROOT, Refused, environment, moment, need, version
from products.tree import lay_out

SPEC = """Name: mailyard
Version: {version}
Release: 1
Summary: Console for the e-mail infrastructure of an agency's clients
License: Proprietary
BuildArch: x86_64
AutoReqProv: no
{requires}

%global _binary_payload w19.zstdio
%global _build_id_links none
%global __os_install_post %{{nil}}
%global source_date_epoch_from_changelog 0
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
%global _buildhost build

%description
Servers at five clouds, ordered and proved by durable jobs that survive a kill at any point; living charts, costs,
orphans, and a demo fleet that needs no account and no network.

%install
cp -a {root}/. %{{buildroot}}/

%post
update-desktop-database -q /usr/share/applications 2>/dev/null || :

%files
%defattr(-,root,root)
/usr/bin/mailyard
/usr/lib/mailyard
/usr/share/applications/mailyard.desktop
/usr/share/metainfo/mailyard.metainfo.xml
/usr/share/icons/hicolor/scalable/apps/mailyard.svg
%doc /usr/share/doc/mailyard
"""
BY_NAME = ("libxcb-cursor.so.0", "libxkbcommon-x11.so.0", "libGL.so.1", "libEGL.so.1")


def build() -> None:
    """dist/mailyard-VERSION-1.x86_64.rpm."""
    need("rpmbuild", "rpm")
    root, top = ROOT / "build/rpm-tree", ROOT / "build/rpm"
    lay_out(root)
    shutil.rmtree(top, ignore_errors=True)
    top.mkdir(parents=True)
    names = sorted({*libraries.needed(), *BY_NAME})
    requires = "\n".join(f"Requires: {name}()(64bit)" for name in names)
    spec = top / "mailyard.spec"
    spec.write_text(SPEC.format(version=version(), requires=requires, root=root))
    command = ["rpmbuild", "-bb", "--quiet", "--target=x86_64", f"--define=_topdir {top}", str(spec)]
    if subprocess.call(command, env={**environment(), "SOURCE_DATE_EPOCH": str(moment())}):
        raise Refused("rpmbuild failed (see above).")
    (made,) = (top / "RPMS/x86_64").glob("*.rpm")
    shutil.copy(made, DIST / made.name)
