# Builds the bundle and its installer on Windows. Not tried: no Windows was at hand. Needs Python 3.11 to 3.13 and NSIS.
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..\..")
python packaging\package.py bundle
$version = (Select-String -Path pyproject.toml -Pattern '^version = "(.+)"').Matches[0].Groups[1].Value
& makensis "-DVERSION=$version" "-DPAYLOAD=..\..\dist\mailyard" "-DOUTPUT=..\..\dist\mailyard-$version-setup.exe" packaging\windows\installer.nsi
