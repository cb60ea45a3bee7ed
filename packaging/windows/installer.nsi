; Installs Mailyard for one person, without administrator's rights. makensis -DVERSION=0.1.0 -DPAYLOAD=dist\mailyard
Unicode true
Target amd64-unicode
!ifndef VERSION
  !error "name the version: -DVERSION=0.1.0"
!endif
!ifndef PAYLOAD
  !error "name the folder of the bundle: -DPAYLOAD=dist\mailyard"
!endif
!ifndef OUTPUT
  !define OUTPUT "mailyard-${VERSION}-setup.exe"
!endif
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Mailyard"

Name "Mailyard ${VERSION}"
OutFile "${OUTPUT}"
InstallDir "$LOCALAPPDATA\Programs\Mailyard"
InstallDirRegKey HKCU "Software\Mailyard" "Folder"
RequestExecutionLevel user
SetCompressor /SOLID lzma
ShowInstDetails nevershow

Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section "Mailyard"
  SetOutPath "$INSTDIR"
  ; What an older version left there and this one does not have must not be found by it.
  RMDir /r "$INSTDIR\_internal"
  File /r "${PAYLOAD}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "Software\Mailyard" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Mailyard"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  CreateShortcut "$SMPROGRAMS\Mailyard.lnk" "$INSTDIR\mailyard.exe"
SectionEnd

Section "Uninstall"
  ; What the person made with it lies in %LOCALAPPDATA%\mailyard and is theirs: it stays.
  Delete "$SMPROGRAMS\Mailyard.lnk"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\mailyard.exe"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Mailyard"
SectionEnd
